"""The commands to look with: app, explore."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jobs import terminal
from jobs.commands.chat_options import ChatOptions
from jobs.commands.documents import BaseUrl
from jobs.commands.laptop import open_in_browser
from jobs.commands.options import Json, Outputs, TargetName

if TYPE_CHECKING:
    from jobs.app.desk import Setup
    from jobs.assistant.chat import Conversation

app = typer.Typer()
LOOPBACK = "127.0.0.1"
HISTORY = 20  # earlier questions that go along in the chat


def build_setup(chat: ChatOptions, operate: bool = False) -> "Setup":
    """How the application is set up. Its chat has the tools, and the latest HISTORY questions go along."""
    from jobs.app.desk import Setup

    return Setup(chat.target, chat.outputs, operate, lambda: open_chat(chat))


def open_chat(options: ChatOptions) -> "Conversation":
    """A conversation of the page. Raises JobError."""
    from jobs.commands.chat_session import open_conversation

    conversation = open_conversation(options.replace(history=HISTORY), [])
    settings = conversation.settings
    conversation.settings = replace(settings, tools=not conversation.engine.always_tools)
    return conversation


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
    base_url: BaseUrl = None,
    model: Annotated[
        str | None, typer.Option("--model", metavar="NAME", help="The model at --base-url that the chat asks.")
    ] = None,
    max_usd: Annotated[
        float | None, typer.Option("--max-usd", min=0, metavar="USD", help="The most that a chat's models may cost.")
    ] = None,
    open_page: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page in the browser, where there is one.")
    ] = True,
) -> None:
    """Open a page in the browser to search, explore, operate and ask. Ctrl-C ends it."""
    if (host == LOOPBACK) != (name is None):
        raise typer.BadParameter("--host ADDRESS and --name NAME go together", param_hint="--host")
    if (base_url is None) != (model is None):
        raise typer.BadParameter("--base-url URL and --model NAME go together", param_hint="--base-url")
    from jobs.app.run import Options, serve_application

    chat = ChatOptions(target=target, outputs=outputs, base_url=base_url, model=model, max_usd=max_usd)
    setup = build_setup(chat, operate)
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
