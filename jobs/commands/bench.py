"""The command that measures the others."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from jobs import terminal
from jobs.commands.options import Json

app = typer.Typer()


class Subject(StrEnum):
    finetune = "finetune"


TRIAL = Path("report/bench")  # ignored by git: only `make bench-publish` writes the published figures, in bench/


@app.command(epilog="Example: python -m jobs bench --quick --compare bench/results.json")
def bench(
    subject: Annotated[
        Subject | None, typer.Argument(metavar="[finetune]", help="Measure fine-tuning instead of the flow.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Fewer pictures and rounds: about two minutes.")] = False,
    rounds: Annotated[
        int | None,
        typer.Option(min=1, help="How many times to run each step and its baseline. Default: 3, or 2 with --quick."),
    ] = None,
    compare: Annotated[Path | None, typer.Option(metavar="FILE", help="Compare with an earlier results.json.")] = None,
    out: Annotated[Path, typer.Option(metavar="DIR", help="The folder for results.json and bench.png.")] = TRIAL,
    as_json: Json = False,
) -> None:
    """Measure each step against a simple implementation, on the same data, and compare their results."""
    if subject is Subject.finetune:
        from jobs.bench.finetune import run_finetune_bench
        from jobs.finetune.child import check_packages

        if rounds or compare:
            raise typer.BadParameter("--rounds and --compare are for the flow: leave them out")
        check_packages()
        terminal.print_result(run_finetune_bench(out, quick), as_json)
        return
    from jobs.bench.run import BenchOptions, run_bench

    terminal.print_result(run_bench(BenchOptions(quick=quick, rounds=rounds, compare=compare, out=out)), as_json)
