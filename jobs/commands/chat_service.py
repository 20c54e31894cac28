"""The commands `chat usage` and `chat stored`: what the stack's service has counted and kept."""

from enum import StrEnum
from typing import Annotated

import typer

from jobs import terminal
from jobs.commands.chat_options import parse_pairs
from jobs.commands.options import Json, Outputs, TargetName

app = typer.Typer()


class StoredAction(StrEnum):
    list = "list"
    show = "show"
    forget = "forget"


@app.command(epilog="Example: python -m jobs chat usage --days 7 --target dev")
def usage(
    days: Annotated[int, typer.Option(min=1, max=90, help="How many days back.")] = 7,
    target: TargetName = "dev",
    outputs: Outputs = None,
    as_json: Json = False,
) -> None:
    """Show the requests and tokens of each deployment, and what they cost at most."""
    from jobs import configuration
    from jobs.assistant.usage import query_usage
    from jobs.errors import ErrorKind, JobError
    from jobs.target import load_target

    stack = load_target(target, outputs)
    if not stack.foundry_account:
        raise JobError("The laptop has no deployments: name a stack, such as `--target dev`.", ErrorKind.invalid)
    config = configuration.read_configuration("dev" if target == "local" else target)
    terminal.print_result(query_usage(stack, config, days), as_json)


@app.command(epilog="Example: python -m jobs chat stored list --target dev")
def stored(
    action: Annotated[StoredAction, typer.Argument(metavar="ACTION", help="list, show or forget.")],
    answer_id: Annotated[str, typer.Argument(metavar="ID", help="The answer, for show and forget.")] = "",
    meta: Annotated[
        list[str] | None, typer.Option("--meta", metavar="KEY=VALUE", help="Only answers with this label.")
    ] = None,
    target: TargetName = "dev",
    outputs: Outputs = None,
    as_json: Json = False,
) -> None:
    """List, show or delete the answers that --store let the service keep."""
    from jobs.assistant import stored as answers
    from jobs.azure.openai import OPENAI_SCOPE, Connection
    from jobs.errors import ErrorKind, JobError
    from jobs.target import load_target

    if (action is StoredAction.list) == bool(answer_id):
        raise typer.BadParameter("show and forget take an ID, list takes none", param_hint="ID")
    stack = load_target(target, outputs)
    if not stack.openai_url:
        raise JobError(f"The stack {target} has no output openai_url: run `pulumi up`.", ErrorKind.not_found)
    connection = Connection(stack.openai_url, OPENAI_SCOPE, target)
    if action is StoredAction.list:
        terminal.print_result(answers.list_stored(connection, parse_pairs(meta, "--meta")), as_json)
    elif action is StoredAction.show:
        terminal.print_result(answers.show_stored(connection, answer_id), as_json)
    else:
        terminal.print_result(answers.forget_stored(connection, answer_id), as_json)
