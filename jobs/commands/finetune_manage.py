"""The commands `finetune status`, `teardown`, `demo` and `faces`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from jobs import terminal
from jobs.commands.finetune_options import begin, finetune
from jobs.commands.options import Json, Outputs, TargetName
from jobs.commands.source import Source, SourcePasswordFile, source_url
from jobs.errors import ErrorKind, JobError


@finetune.command(epilog="Example: python -m jobs finetune status --target dev")
def status(target: TargetName = "local", outputs: Outputs = None, as_json: Json = False) -> None:
    """Show runs, versions, the endpoint and its traffic, and what bills."""
    terminal.print_result(begin(target, outputs).status(), as_json)


@finetune.command(epilog="Example: python -m jobs finetune teardown --models --data")
def teardown(
    models: Annotated[bool, typer.Option("--models", help="Delete runs and registered models, too.")] = False,
    data: Annotated[bool, typer.Option("--data", help="Delete the data, too.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask at a terminal.")] = False,
    target: TargetName = "local",
    outputs: Outputs = None,
    as_json: Json = False,
) -> int:
    """Delete the endpoint, its deployments and the connection; again: nothing to do."""
    runner = begin(target, outputs)
    if (models or data) and not yes and sys.stdin.isatty():
        check_deletion(models, data)
    result = runner.teardown(models, data)
    terminal.print_result(result, as_json)
    return 1 if result.left else 0


def check_deletion(models: bool, data: bool) -> None:
    """Ask before what cannot be made again for nothing. Raises an error for a no."""
    what = " and ".join(name for name, asked in (("runs and models", models), ("the data", data)) if asked)
    if not terminal.ask(f"Delete {what}?"):
        raise JobError("Nothing was deleted.", ErrorKind.refused)


@finetune.command(epilog="Example: python -m jobs finetune demo --report report")
def demo(
    report: Annotated[Path, typer.Option(metavar="DIR", help="The folder for the page, finetune.html.")] = Path(
        "report"
    ),
    data: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Your folder of `data` instead of drawn conversations.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The seed of the conversations, and of the training.")] = 0,
    as_json: Json = False,
) -> int:
    """Draw conversations, fine-tune a tiny model, serve it, chat with it and remove it: two minutes, no cloud."""
    from jobs.finetune.child import check_packages
    from jobs.finetune.demo import run_demo

    check_packages()
    result = run_demo(report, seed, data)
    terminal.print_result(result, as_json)
    return 0


@finetune.command(epilog="Example: python -m jobs finetune faces --out head.pt")
def faces(
    neighbours: Annotated[int, typer.Option(min=1, max=1000, help="How many neighbours to look at.")] = 10,
    test_size: Annotated[float, typer.Option(min=0.01, max=0.9, help="The share of the pictures held out.")] = 0.25,
    folds: Annotated[int, typer.Option(min=1, max=50, help="How many times to divide them.")] = 5,
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="Where to write the weights with the head.")
    ] = Path("head.pt"),
    source: Source = None,
    password_file: SourcePasswordFile = None,
    as_json: Json = False,
) -> None:
    """Learn a linear head on the vectors of the table: weights for `embed --weights FILE --replace`."""
    from jobs.finetune.child import check_packages
    from jobs.finetune.faces import Search, learn_head

    check_packages()
    terminal.print_result(
        learn_head(Search(neighbours, test_size, folds), source_url(source, password_file), out), as_json
    )
