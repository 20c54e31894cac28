"""The options of the commands about models, how they ask, and how they print."""

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer

from jobs import terminal
from jobs.lines import write_lines


class Tool(StrEnum):
    """The tools of --show."""

    rest = "rest"
    curl = "curl"
    powershell = "powershell"
    az = "az"


Stack: TypeAlias = Annotated[str, typer.Option("--target", metavar="STACK", help="The stack whose settings are read.")]
Account: TypeAlias = Annotated[
    str | None,
    typer.Option("--account", metavar="NAME", help="Any Azure OpenAI or Foundry account, instead of a stack's."),
]
Group: TypeAlias = Annotated[
    str | None, typer.Option("--resource-group", metavar="RG", help="The resource group of --account.")
]
Subscription: TypeAlias = Annotated[
    str | None, typer.Option("--subscription", metavar="ID", help="The subscription of --account. Default: az's.")
]


def write(text: str, file: Path | None = None) -> None:
    """Write a text to a file, or on stdout. A calendar's and a CSV's lines end in CR LF in a file only."""
    if file is None:
        write_lines(sys.stdout, text.replace("\r\n", "\n"), end="")
        return
    from jobs.state import atomic_file

    with atomic_file(file) as new:
        new.write_bytes(text.encode())


def write_json(document: Any) -> None:
    """Print one JSON object."""
    write(json.dumps(document, default=str) + "\n")


def require_answer(given: bool) -> None:
    """Raise BadParameter where nobody can be asked and --yes is not there."""
    if not given and not sys.stdin.isatty():
        raise typer.BadParameter("this is not a terminal: add --yes, or --dry-run to see the plan", param_hint="--yes")


def confirm_change(question: str, yes: bool) -> None:
    """Ask the user. Ctrl-C and the end of input are a no. Raises JobError after one."""
    from jobs.errors import ErrorKind, JobError

    try:
        agreed = yes or terminal.ask(question)
    except typer.Abort:
        agreed = False
    if not agreed:
        raise JobError("Nothing was changed.", ErrorKind.stopped)
