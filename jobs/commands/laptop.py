"""The commands for a laptop without a cloud account: demo, local, sample."""

from pathlib import Path
from typing import Annotated

import typer

from jobs import terminal
from jobs.commands.options import Json, ServiceAction, Weights

app = typer.Typer()


@app.command(epilog="Example: python -m jobs demo --images fer2013 --report report")
def demo(
    images: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Use the pictures in DIR instead of drawn faces.")
    ] = None,
    report: Annotated[Path, typer.Option(metavar="DIR", help="The folder for the page, index.html.")] = Path("report"),
    count: Annotated[int, typer.Option(min=1, help="The number of faces to draw.")] = 350,
    seed: Annotated[int, typer.Option(help="The seed of the faces: the same seed draws the same faces.")] = 1,
    weights: Weights = None,
    as_json: Json = False,
) -> int:
    """Run every step on this laptop: draw, embed, migrate, upload, run the pipeline, verify, index, search."""
    from jobs.demo.options import DemoOptions
    from jobs.demo.run import run_demo

    result = run_demo(DemoOptions(images=images, report=report, count=count, seed=seed, weights=weights))
    terminal.print_result(result, as_json)
    return 0 if result.verify.ok else 1


@app.command(epilog="Example: python -m jobs local status")
def local(
    action: Annotated[ServiceAction, typer.Argument(help="install only installs Azurite.")], as_json: Json = False
) -> None:
    """Start, stop or show the laptop's services: two PostgreSQL servers and Azurite, under .local/."""
    from jobs.local import azurite
    from jobs.local.services import SERVICES, service_status, start_services, stop_services

    if action is ServiceAction.install:
        azurite.install_azurite()
    elif action is ServiceAction.up:
        start_services(*SERVICES)
    elif action is ServiceAction.down:
        stop_services()
    terminal.print_result(service_status(), as_json)


@app.command(epilog="Example: python -m jobs sample faces --count 350 --seed 1")
def sample(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The folder for the faces.")],
    count: Annotated[int, typer.Option(min=1, help="The number of faces to draw.")] = 350,
    seed: Annotated[int, typer.Option(help="The seed of the faces: the same seed draws the same faces.")] = 1,
    as_json: Json = False,
) -> None:
    """Draw faces like those of FER2013: 48 x 48 pixels, gray, seven emotions in the same proportions."""
    from jobs.pictures.sample import draw_sample

    terminal.print_result(draw_sample(directory, count, seed), as_json)
