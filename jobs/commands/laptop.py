"""The commands for a laptop without a cloud account: demo, local, sample."""

import webbrowser
from pathlib import Path
from typing import Annotated, Any

import typer

from jobs import terminal
from jobs.commands.options import Json, Server, ServiceAction, Weights

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
    open_page: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    as_json: Json = False,
) -> int:
    """Run every step on this laptop: draw, embed, migrate, upload, run the pipeline, verify, index, search."""
    from jobs.demo.options import DemoOptions
    from jobs.demo.run import run_demo

    result = run_demo(DemoOptions(images=images, report=report, count=count, seed=seed, weights=weights))
    terminal.print_result(result, as_json)
    if open_page:
        open_in_browser(result.report_url)
    return 0 if result.verify.ok else 1


def open_in_browser(url: str) -> None:
    """Open a page in the user's browser, or say that there is none."""
    if not webbrowser.open(url):
        terminal.log(f"No browser opens here: copy {url} into one.")


@app.command(epilog="Example: python -m jobs local psql cloud")
def local(
    action: Annotated[
        ServiceAction,
        typer.Argument(
            metavar="ACTION",
            help="install only installs Azurite; psql opens a database's command line; backup and restore write and "
            "read one file with everything that the services keep.",
        ),
    ],
    name: Annotated[
        str | None,
        typer.Argument(metavar="SERVER|FILE", help="For psql: laptop or cloud. For backup and restore: the file."),
    ] = None,
    sql: Annotated[
        str | None, typer.Option("--command", "-c", metavar="SQL", help="For psql: run one statement, then end.")
    ] = None,
    as_json: Json = False,
) -> int:
    """Start, stop, show, back up or restore the laptop's services: two PostgreSQL servers and Azurite."""
    if action is ServiceAction.psql:
        return open_psql(name, sql, as_json)
    if sql is not None:
        raise typer.BadParameter(f"--command is for psql, not for {action.value}: leave it out")
    if action in (ServiceAction.backup, ServiceAction.restore):
        terminal.print_result(copy_services(action, name), as_json)
        return 0
    if name is not None:
        raise typer.BadParameter(f"{action.value} takes no SERVER or FILE: leave it out", param_hint="SERVER|FILE")
    change_services(action)
    from jobs.local.services import service_status

    terminal.print_result(service_status(), as_json)
    return 0


def open_psql(name: str | None, sql: str | None, as_json: bool) -> int:
    if as_json:
        raise typer.BadParameter("psql prints tables: leave --json out", param_hint="--json")
    if name not in (None, *Server):
        raise typer.BadParameter(f"{name!r} is not one of {', '.join(Server)}", param_hint="SERVER|FILE")
    from jobs.local.psql import run_psql

    return run_psql(name or Server.laptop.value, sql)


def copy_services(action: ServiceAction, name: str | None) -> Any:
    """Back the services up into the file `name`, or restore them from it."""
    if name is None:
        raise typer.BadParameter(f"{action.value} needs a file", param_hint="SERVER|FILE")
    from jobs.local.backup import back_up
    from jobs.local.restore import restore

    return (back_up if action is ServiceAction.backup else restore)(Path(name))


def change_services(action: ServiceAction) -> None:
    """Install, start or stop the services. `status` changes nothing."""
    from jobs.demo.services import stop_demo_services
    from jobs.local.azurite_package import install_azurite
    from jobs.local.services import SERVICES, start_services, stop_services

    if action is ServiceAction.install:
        install_azurite()
    elif action is ServiceAction.up:
        start_services(*SERVICES)
    elif action is ServiceAction.down:
        stop_services()
        stop_demo_services()


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
