"""The command for the web application: app."""

from typing import Annotated

import typer

from jobs.commands.laptop import open_in_browser
from jobs.commands.options import Outputs, TargetName

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
