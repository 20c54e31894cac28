"""chat batch: many questions at half the price, answered within 24 hours by a deployment of the SKU GlobalBatch.

Nothing is lost by a kill: the file and the batch are found again by the hash of their content.
https://learn.microsoft.com/azure/ai-foundry/openai/how-to/batch
"""

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jobs import terminal
from jobs.assistant.conversation import Turn, user_item
from jobs.assistant.golden import Case
from jobs.assistant.price import SpendingLimitError, estimate_price, stack_tariff
from jobs.assistant.stopped import FILTER
from jobs.azure.openai import Connection, check_id, open_client
from jobs.azure.openai_refusal import translate_refusals
from jobs.errors import ErrorKind, JobError
from jobs.state import write_atomically
from jobs.wait import backoff, wait_until

ALIAS, URL, CONTENT = "batch", "/chat/completions", "content_sha256"
ENDED = ("completed", "failed", "expired", "cancelled")
GIVEN_UP = ("failed", "expired", "cancelled", "cancelling")
PRINTED = "`chat batch submit` of the same questions"
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 60.0


@dataclass(frozen=True, kw_only=True)
class BatchResult:
    """`status` is Azure's; `file` has the answers once they are fetched, and `failures` the ids without one."""

    batch: str
    status: str
    total: int
    completed: int
    failed: int
    file: str | None = None
    failures: tuple[str, ...] = ()
    error: str = ""

    def summary(self) -> str:
        line = f"{self.batch}: {self.status}, {self.completed} of {self.total} done, {self.failed} failed"
        more = [f"  {self.file}"] if self.file else []
        more += [f"  no answer: {', '.join(self.failures)}"] if self.failures else []
        return "\n".join([line, *more, *([f"  {self.error}"] if self.error else [])])


def submit_batch(connection: Connection, deployment: str, cases: Sequence[Case], system: str) -> BatchResult:
    """Submit questions; a batch of the same content that has not failed is taken instead of a second one."""
    content = build_lines(deployment, cases, system)
    digest = hashlib.sha256(content).hexdigest()
    name = f"batch-{digest[:16]}.jsonl"
    with translate_refusals(connection, deployment), open_client(connection) as client:
        for batch in client.batches.list(limit=100):
            if (batch.metadata or {}).get(CONTENT) == digest and batch.status not in GIVEN_UP:
                return to_result(batch)
        uploaded = next((each.id for each in client.files.list(purpose="batch") if each.filename == name), None)
        file_id = uploaded or client.files.create(file=(name, content), purpose="batch").id
        made = client.batches.create(
            input_file_id=file_id,
            endpoint=URL,  # type: ignore[arg-type] # Azure's has no /v1
            completion_window="24h",
            metadata={CONTENT: digest},
        )
    return to_result(made)


def check_price(stack: str, deployment: str, cases: Sequence[Case], system: str, most: float) -> None:
    """Raise SpendingLimitError where the answers may cost more than `most` US dollars, or their price is not known."""
    tariff = stack_tariff(stack, deployment)
    turns = [Turn(model=deployment, instructions=system, items=[user_item(each.question)]) for each in cases]
    usd = sum(estimate_price(tariff, deployment, each) for each in turns)
    if usd > most:
        raise SpendingLimitError(
            f"The batch may cost {usd:.6f} USD, more than the {most:g} of --max-usd: raise it, or ask fewer questions.",
            ErrorKind.refused,
        )


def build_lines(deployment: str, cases: Sequence[Case], system: str) -> bytes:
    """The batch's file: a request a line, each with its case's id."""
    start = [{"role": "system", "content": system}] if system else []
    lines = []
    for each in cases:
        body = {"model": deployment, "messages": [*start, {"role": "user", "content": each.question}]}
        request = {"custom_id": each.id, "method": "POST", "url": URL, "body": body}
        lines.append(json.dumps(request, ensure_ascii=False))
    return ("\n".join(lines) + "\n").encode()


def read_batch(connection: Connection, batch_id: str) -> BatchResult:
    """The state of a batch."""
    with translate_refusals(connection, check_id(batch_id, "a batch", PRINTED)), open_client(connection) as client:
        return to_result(client.batches.retrieve(batch_id))


def cancel_batch(connection: Connection, batch_id: str) -> BatchResult:
    """Cancel a batch; what is done already stays."""
    with translate_refusals(connection, check_id(batch_id, "a batch", PRINTED)), open_client(connection) as client:
        return to_result(client.batches.cancel(batch_id))


def wait_for_batch(connection: Connection, batch_id: str) -> BatchResult:
    """Wait until a batch has ended, and say each change."""
    last = ""

    def ended() -> BatchResult | None:
        nonlocal last
        result = read_batch(connection, batch_id)
        if result.summary() != last:
            last = result.summary()
            terminal.log(last.splitlines()[0])
        return result if result.status in ENDED else None

    return wait_until(ended, every=backoff(FIRST_PAUSE, LONGEST_PAUSE), at_most=math.inf) or read_batch(
        connection, batch_id
    )


def fetch_batch(connection: Connection, batch_id: str, file: Path) -> BatchResult:
    """Write the answers, each with its question, as JSONL. Raises JobError while there is nothing to fetch."""
    with translate_refusals(connection, check_id(batch_id, "a batch", PRINTED)), open_client(connection) as client:
        batch = client.batches.retrieve(batch_id)
        result = to_result(batch)
        if not (batch.output_file_id or batch.error_file_id):
            raise JobError(f"There are no answers yet: {result.summary()}.", ErrorKind.unavailable)
        questions = read_lines(client.files.content(batch.input_file_id).content)
        outputs = [
            line
            for file_id in (batch.output_file_id, batch.error_file_id)
            if file_id
            for line in read_lines(client.files.content(file_id).content)
        ]
    answers = {str(line["custom_id"]): line for line in outputs}
    rows = [join(line, answers.get(str(line["custom_id"]))) for line in questions]
    write_atomically(file, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    failures = tuple(str(row["id"]) for row in rows if row["error"])
    return BatchResult(**{**vars(result), "file": str(file), "failures": failures})


def read_lines(data: bytes) -> Iterator[Mapping[str, Any]]:
    for line in data.decode("utf-8-sig").split("\n"):
        if line.strip():
            yield json.loads(line)


def join(request: Mapping[str, Any], answer: Mapping[str, Any] | None) -> dict[str, Any]:
    """One question with its answer, or with what went wrong."""
    response = (answer or {}).get("response") or {}
    body = response.get("body") or {}
    error = (answer or {}).get("error") or body.get("error")
    reason = error.get("message", str(error)) if isinstance(error, Mapping) else error
    choice = (body.get("choices") or [{}])[0]
    text = (choice.get("message") or {}).get("content")
    if choice.get("finish_reason") == "content_filter":
        reason = FILTER
    elif text is None and not reason:
        reason = "no answer came"
    question = request["body"]["messages"][-1]["content"]
    return {"id": request["custom_id"], "question": question, "answer": text, "error": reason}


def to_result(batch: Any) -> BatchResult:
    counts = batch.request_counts
    errors = [each.message for each in (batch.errors.data or [])] if batch.errors else []
    return BatchResult(
        batch=batch.id,
        status=batch.status,
        total=counts.total if counts else 0,
        completed=counts.completed if counts else 0,
        failed=counts.failed if counts else 0,
        error="; ".join(str(each) for each in errors),
    )
