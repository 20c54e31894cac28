"""The command that measures the others."""

from pathlib import Path
from typing import Annotated

import typer

from jobs import terminal
from jobs.commands.options import Json

app = typer.Typer()
TRIAL = Path("report/bench")  # ignored by git: only `make bench-publish` writes the published figures, in bench/


@app.command(epilog="Example: python -m jobs bench --quick --compare bench/results.json")
def bench(
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
    from jobs.bench.run import BenchOptions, run_bench

    terminal.print_result(run_bench(BenchOptions(quick=quick, rounds=rounds, compare=compare, out=out)), as_json)
