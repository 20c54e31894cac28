"""What the `finetune` commands share: their group, options, and the question before anything bills."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from jobs import terminal
from jobs.errors import ErrorKind, JobError

if TYPE_CHECKING:
    from jobs.finetune.runner import Bill, Runner

finetune = typer.Typer(no_args_is_help=True)

DataOption: TypeAlias = Annotated[
    Path | None, typer.Option("--data", metavar="DIR", help="The folder of `data`. Default: .local/finetune/data.")
]
RunName: TypeAlias = Annotated[
    str | None,
    typer.Option("--name", metavar="RUN", help="The run's name. Default: made of base, data and settings."),
]
Yes: TypeAlias = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before what is billed.")]


def begin(target: str, outputs: Path | None) -> "Runner":
    """The runner of a target. Raises JobError where a package or the stack's machine learning is missing."""
    from jobs.finetune.child import check_packages
    from jobs.finetune.open_runner import open_runner

    check_packages()
    return open_runner(target, outputs)


def check_bill(bill: "Bill | None", yes: bool) -> None:
    """Show what bills from now on, and ask. Raises an error for a no, and without a terminal where --yes is missing."""
    if bill is None:
        return
    for line in bill.lines:
        terminal.log(line)
    if yes:
        return
    if not sys.stdin.isatty():
        raise typer.BadParameter("this is not a terminal: add --yes to what is billed", param_hint="--yes")
    try:
        agreed = terminal.ask(bill.question)
    except typer.Abort:
        agreed = False
    if not agreed:
        raise JobError("Nothing was started, and nothing bills.", ErrorKind.refused)
