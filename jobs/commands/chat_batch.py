"""The commands `chat batch submit`, `status`, `fetch` and `cancel`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from jobs import terminal
from jobs.commands.options import Json, Outputs, TargetName

if TYPE_CHECKING:
    from jobs.azure.openai import Connection

app = typer.Typer()
batch = typer.Typer(no_args_is_help=True)
app.add_typer(
    batch,
    name="batch",
    help="Many questions at half the price, answered within 24 hours.",
    epilog="Example: python -m jobs chat batch submit questions.jsonl --target dev",
)
BatchId: TypeAlias = Annotated[str, typer.Argument(metavar="BATCH", help="The batch's id, as submit prints it.")]


def open_connection(target: str, outputs: Path | None) -> "Connection":
    from jobs.azure.openai import OPENAI_SCOPE, Connection
    from jobs.errors import ErrorKind, JobError
    from jobs.target import load_target

    stack = load_target(target, outputs)
    if not stack.openai_url:
        raise JobError(f"The stack {target} has no output openai_url: run `pulumi up`.", ErrorKind.not_found)
    return Connection(stack.openai_url, OPENAI_SCOPE, target)


@batch.command(epilog="Example: python -m jobs chat batch submit questions.jsonl --wait --target dev")
def submit(
    file: Annotated[Path, typer.Argument(metavar="FILE", help='JSONL: {"id": "...", "question": "..."} a line.')],
    deployment: Annotated[
        str, typer.Option("--deployment", metavar="ALIAS", help="A deployment of the SKU GlobalBatch.")
    ] = "batch",
    system: Annotated[
        str, typer.Option("--system", metavar="TEXT|@FILE", help="Instructions for every question.")
    ] = "",
    max_usd: Annotated[
        float | None, typer.Option("--max-usd", min=0, metavar="USD", help="Submit nothing that may cost more.")
    ] = None,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait until the batch has ended; Ctrl-C leaves it running.")
    ] = False,
    target: TargetName = "dev",
    outputs: Outputs = None,
    as_json: Json = False,
) -> int:
    """Submit questions. The same ones again are the same batch."""
    from jobs.assistant.batch import check_price, submit_batch, wait_for_batch
    from jobs.assistant.golden import read_cases
    from jobs.assistant.prompt import read_text_option

    connection = open_connection(target, outputs)
    cases, instructions = read_cases(file), read_text_option(system)
    if max_usd is not None:
        check_price(target, deployment, cases, instructions, max_usd)
    result = submit_batch(connection, deployment, cases, instructions)
    if wait:
        terminal.log(f"The batch {result.batch}: `chat batch status {result.batch}` shows it at any time.")
        result = wait_for_batch(connection, result.batch)
    terminal.print_result(result, as_json)
    return 1 if result.status in ("failed", "expired") else 0


@batch.command(epilog="Example: python -m jobs chat batch status batch_123 --target dev")
def status(batch_id: BatchId, target: TargetName = "dev", outputs: Outputs = None, as_json: Json = False) -> None:
    """Show how far a batch is."""
    from jobs.assistant.batch import read_batch

    terminal.print_result(read_batch(open_connection(target, outputs), batch_id), as_json)


@batch.command(epilog="Example: python -m jobs chat batch fetch batch_123 --out answers.jsonl --target dev")
def fetch(
    batch_id: BatchId,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="The file for the answers.")],
    target: TargetName = "dev",
    outputs: Outputs = None,
    as_json: Json = False,
) -> None:
    """Write the answers of a batch, each with its question."""
    from jobs.assistant.batch import fetch_batch

    terminal.print_result(fetch_batch(open_connection(target, outputs), batch_id, out), as_json)


@batch.command(epilog="Example: python -m jobs chat batch cancel batch_123 --target dev")
def cancel(batch_id: BatchId, target: TargetName = "dev", outputs: Outputs = None, as_json: Json = False) -> None:
    """Cancel a batch."""
    from jobs.assistant.batch import cancel_batch

    terminal.print_result(cancel_batch(open_connection(target, outputs), batch_id), as_json)
