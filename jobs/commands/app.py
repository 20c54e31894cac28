"""The commands, a file a subject. What a job does stands in the module of its name.

Jobs are imported when their command runs: torch takes seconds to import, and `--help` should not wait for it.
"""

import typer

from jobs.commands import bench, doctor, laptop, models, nearest, operate, pipeline, vectors

app = typer.Typer(
    help="Pictures to a searchable vector lake, on Azure or on this laptop. Start with: python -m jobs demo",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for commands in (laptop, vectors, pipeline, nearest, bench, doctor, models, operate):
    app.add_typer(commands.app)
