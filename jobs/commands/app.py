"""The command line: one file per subject. What a command does is in the package of its name.

Each command imports its job when it runs: torch takes seconds to import, and `--help` must not wait for it.
"""

import typer

from jobs.commands import bench, doctor, laptop, models, operate, pipeline, search, vectors

app = typer.Typer(
    help="Turn pictures into a searchable vector lake, on Azure or on this laptop. Start with: python -m jobs demo",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for commands in (laptop, vectors, pipeline, search, bench, doctor, models, operate):
    app.add_typer(commands.app)
