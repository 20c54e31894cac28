"""The commands to look with: app, explore."""

from pathlib import Path
from typing import Annotated

import typer

from jobs import terminal
from jobs.commands.laptop import open_in_browser
from jobs.commands.options import Json, Outputs, TargetName

app = typer.Typer()
LOOPBACK = "127.0.0.1"


@app.command("app", epilog="Example: python -m jobs app --no-open")
def serve(
    target: TargetName = "local",
    outputs: Outputs = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="The port. Default: the first free one from 8600 on.")
    ] = None,
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="The address to listen at. Others than this machine need --name.")
    ] = LOOPBACK,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="With --host: the name by which browsers reach this machine.")
    ] = None,
    operate: Annotated[
        bool, typer.Option("--operate", help="On a stack: show the buttons that change something.")
    ] = False,
    open_page: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page in the browser, where there is one.")
    ] = True,
) -> None:
    """Open a page in the browser to search, explore and operate. Ctrl-C ends it."""
    if (host == LOOPBACK) != (name is None):
        raise typer.BadParameter("--host ADDRESS and --name NAME go together", param_hint="--host")
    from jobs.app.desk import Setup
    from jobs.app.run import Options, serve_application

    setup = Setup(target, outputs, operate)
    open_with = open_in_browser if open_page else None
    serve_application(Options(setup=setup, host=host, name=name, port=port, open_with=open_with))


@app.command(epilog="Example: python -m jobs explore --out report/explore")
def explore(
    target: TargetName = "local",
    outputs: Outputs = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Also write CSV and Parquet files into this folder.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Compare every picture of the lake with all others: duplicates, suspected labels, what neighbors say."""
    from jobs.explore.run import explore_target
    from jobs.target import load_target

    terminal.print_result(explore_target(load_target(target, outputs), out), as_json)
