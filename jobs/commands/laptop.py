"""Commands for a laptop without a cloud."""

from pathlib import Path
from typing import Annotated

import typer

from jobs import terminal
from jobs.commands.options import Json, Service, Weights

app = typer.Typer()


@app.command(epilog="Example: python -m jobs demo --images fer2013 --report report")
def demo(
    images: Annotated[Path | None, typer.Option(metavar="DIR", help="Real pictures instead of drawn ones.")] = None,
    report: Annotated[Path, typer.Option(metavar="DIR", help="Where the page goes.")] = Path("report"),
    count: Annotated[int, typer.Option(min=1, help="How many faces to draw.")] = 350,
    seed: Annotated[int, typer.Option(help="Another seed draws other faces.")] = 1,
    weights: Weights = None,
    as_json: Json = False,
) -> int:
    """Everything at once on this laptop: draw, embed, migrate, upload, run the pipeline, verify, index, search."""
    from jobs.demo import DemoOptions, run_demo

    result = run_demo(DemoOptions(images=images, report=report, count=count, seed=seed, weights=weights))
    terminal.print_result(result, as_json)
    return 0 if result.verify.ok else 1


@app.command(epilog="Example: python -m jobs local status")
def local(what: Annotated[Service, typer.Argument()], as_json: Json = False) -> None:
    """Start, stop or show the laptop's services: two PostgreSQL servers and Azurite, under .local/."""
    from jobs.local import azurite
    from jobs.local.services import SERVICES, service_status, start_services, stop_services

    if what is Service.install:
        azurite.install()
    elif what is Service.up:
        start_services(*SERVICES)
    elif what is Service.down:
        stop_services()
    terminal.print_result(service_status(), as_json)


@app.command(epilog="Example: python -m jobs sample faces --count 350 --seed 1")
def sample(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Where the faces go.")],
    count: Annotated[int, typer.Option(min=1, help="How many.")] = 350,
    seed: Annotated[int, typer.Option(help="Another seed draws other faces.")] = 1,
    as_json: Json = False,
) -> None:
    """Draw faces like FER2013's, 48 x 48 grey, seven emotions in its proportions."""
    from jobs.pictures.sample import draw_sample

    terminal.print_result(draw_sample(directory, count, seed), as_json)
