"""The commands `finetune deploy`, `traffic`, `connect`, `chat` and `flow`: from a registered model to answers."""

import json
import re
import sys
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from jobs import terminal
from jobs.commands.finetune_options import Yes, begin, check_bill, finetune
from jobs.commands.options import Json, Outputs, TargetName
from jobs.lines import write_lines

CONNECTION = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")


def check_connection(name: str) -> str:
    """Return the name of a connection. Raises typer.BadParameter for one that cannot be a file's or a resource's."""
    if not CONNECTION.fullmatch(name):
        raise typer.BadParameter("a connection's name is up to 32 letters, digits, - and _")
    return name


ConnectionName: TypeAlias = Annotated[
    str, typer.Option("--connection", metavar="NAME", callback=check_connection, help="The connection of `connect`.")
]


@finetune.command(epilog="Example: python -m jobs finetune deploy --version 2 --traffic 10")
def deploy(
    version: Annotated[int | None, typer.Option(min=1, help="The version. Default: the newest.")] = None,
    name: Annotated[str | None, typer.Option(metavar="NAME", help="The model's name, if there are several.")] = None,
    size: Annotated[str, typer.Option(metavar="SIZE", help="Azure: the size of an instance.")] = "",
    instances: Annotated[int, typer.Option(min=1, max=20, help="Azure: how many.")] = 1,
    traffic: Annotated[int, typer.Option(min=0, max=100, help="Its share of the requests, in per cent.")] = 100,
    yes: Yes = False,
    target: TargetName = "local",
    outputs: Outputs = None,
    as_json: Json = False,
) -> None:
    """Serve a version: the free colour of blue and green, checked on held-out questions before any traffic."""
    from jobs.finetune.serving.deployment import DeployOrder
    from jobs.finetune.serving.deployment import deploy as deploy_version

    order = DeployOrder(
        version=version,
        name=name,
        size=size,
        instances=instances,
        traffic=traffic,
        confirm=lambda bill: check_bill(bill, yes),
    )
    terminal.print_result(deploy_version(begin(target, outputs), order), as_json)


@finetune.command(epilog="Example: python -m jobs finetune traffic blue=90 green=10")
def traffic(
    shares: Annotated[
        list[str] | None, typer.Argument(metavar="NAME=SHARE", help="Shares that sum to 100. Without one: show it.")
    ] = None,
    drop_old: Annotated[bool, typer.Option("--drop-old", help="Delete deployments without traffic.")] = False,
    target: TargetName = "local",
    outputs: Outputs = None,
    as_json: Json = False,
) -> None:
    """Show how the requests are divided between the deployments, or divide them."""
    from jobs.finetune.serving.traffic import change_traffic, parse_shares, show_traffic

    try:
        parsed = parse_shares(shares or [])
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="NAME=SHARE") from None
    runner = begin(target, outputs)
    result = change_traffic(runner, parsed, drop_old) if parsed or drop_old else show_traffic(runner)
    terminal.print_result(result, as_json)


@finetune.command(epilog="Example: python -m jobs finetune connect phi --rotate --target dev")
def connect(
    name: Annotated[
        str, typer.Argument(metavar="NAME", callback=check_connection, help="The connection's name.")
    ] = "phi",
    rotate: Annotated[bool, typer.Option("--rotate", help="Renew the key first.")] = False,
    target: TargetName = "local",
    outputs: Outputs = None,
    as_json: Json = False,
) -> None:
    """Write the endpoint's URL and key to a connection of the project. The key is printed nowhere."""
    terminal.print_result(begin(target, outputs).connect(name, rotate), as_json)


@finetune.command(
    epilog='Example: python -m jobs finetune chat "I see a face: wide eyes and an open mouth. What is it?"'
)
def chat(
    question: Annotated[
        str | None, typer.Argument(metavar="QUESTION", help="Without one: a conversation; /reset, /exit.")
    ] = None,
    connection: ConnectionName = "phi",
    system: Annotated[str, typer.Option(metavar="TEXT", help="The text before the conversation.")] = "",
    max_new_tokens: Annotated[int, typer.Option(min=1, max=4096, help="The longest answer.")] = 128,
    temperature: Annotated[float, typer.Option(min=0, max=2, help="0: always the likeliest answer.")] = 0.7,
    target: TargetName = "local",
    outputs: Outputs = None,
    as_json: Json = False,
) -> None:
    """Chat with the endpoint through a connection."""
    from jobs.finetune.chat import Chat, Manner

    if question is not None and not question.strip():
        raise typer.BadParameter("the question is empty", param_hint="QUESTION")
    runner = begin(target, outputs)
    manner = Manner(system=system, max_new_tokens=max_new_tokens, temperature=temperature)
    talk = Chat(connection=runner.read_connection(connection), manner=manner, send=runner.send)
    if question is not None:
        terminal.print_result(talk.ask(question), as_json)
        return
    say = say_as_json if as_json else lambda text: write_lines(sys.stdout, text)
    if sys.stdin.isatty():
        terminal.log("Write a question, /reset to begin again, /exit to end.")
    talk.talk(sys.stdin, say)


def say_as_json(answer: str) -> None:
    """One object an answer, in a conversation."""
    write_lines(sys.stdout, json.dumps({"answer": answer}))


@finetune.command(epilog="Example: python -m jobs finetune flow myflow")
def flow(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to write the files.")],
    connection: ConnectionName = "phi",
    target: TargetName = "local",
    outputs: Outputs = None,
    as_json: Json = False,
) -> None:
    """Write a workflow of Microsoft Agent Framework that chats with the endpoint, and a prompt flow's two files."""
    from jobs.finetune.flow import write_flow

    places = begin(target, outputs).connection_places(connection)
    terminal.print_result(write_flow(folder, {"connection": connection, **places}), as_json)
