"""Take conversations from a source: drawn faces, a JSONL file, or a data set of the hub. Memory does not grow with it.

The source's rows become lines of one file, each in ULTRACHAT's schema; what cannot be used is listed with its line.
"""

import os
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any, BinaryIO

from jobs.errors import ErrorKind, JobError
from jobs.finetune.carried.conversations import ConversationError, parse_line, question_of, read_lines, write_line
from jobs.finetune.draw import MOST, draw_conversations
from jobs.terminal import progress

FACES = "faces"
LISTED = 1000  # rows that cannot be used: as many are listed, all are counted


@dataclass(frozen=True, kw_only=True)
class Source:
    """`name` is faces, a file that ends in .jsonl, or a data set of the hub. `split` and `revision` are the hub's."""

    name: str = FACES
    split: str = "train"
    revision: str = ""
    count: int = 2500
    seed: int = 0

    @property
    def is_file(self) -> bool:
        return self.name.lower().endswith((".jsonl", ".json")) or Path(self.name).exists()


@dataclass
class Taken:
    """What was taken: a key for each row's question, in order, and the rows that cannot be used."""

    revision: str = ""
    keys: "array[int]" = field(default_factory=lambda: array("Q"))
    dropped: list[dict[str, Any]] = field(default_factory=list)
    dropped_count: int = 0

    def drop(self, line: int, reason: str) -> None:
        self.dropped_count += 1
        if len(self.dropped) < LISTED:
            self.dropped.append({"line": line, "reason": reason})


def take_rows(source: Source, lines: BinaryIO) -> Taken:
    """Write the rows of a source as lines. Raises JobError."""
    taken = Taken()
    with progress("Reading", None, "conversations") as advance:
        for number, line in source_lines(source, taken):
            advance(1)
            try:
                messages = parse_line(line)
            except ConversationError as error:
                taken.drop(number, str(error))
                continue
            lines.write(write_line(messages))
            taken.keys.append(question_key(question_of(messages)))
    return taken


def question_key(question: str) -> int:
    """64 bits of a question: the same question gives the same ones."""
    return int.from_bytes(blake2b(question.strip().encode(), digest_size=8).digest(), "big")


def source_lines(source: Source, taken: Taken) -> Iterator[tuple[int, bytes]]:
    """The numbered lines of a source. Raises JobError."""
    if source.name == FACES:
        if source.count > MOST:
            raise JobError(f"There are not so many faces: draw at most {MOST:,} with --count.", ErrorKind.invalid)
        return enumerate(map(write_line, draw_conversations(source.count, source.seed)), 1)
    if source.is_file:
        file = Path(source.name)
        if not file.is_file():
            raise JobError(f"There is no file {file}: give one with a conversation a line.", ErrorKind.not_found)
        taken.revision = str(file.resolve())
        return read_lines(file)
    return hub_lines(source, taken)


def hub_lines(source: Source, taken: Taken) -> Iterator[tuple[int, bytes]]:
    """The rows of a data set of the hub at one commit, which is recorded. Raises JobError."""
    import json

    os.environ.update(HF_HUB_DISABLE_TELEMETRY="1", HF_HUB_DISABLE_PROGRESS_BARS="1", DO_NOT_TRACK="1")
    import datasets
    from huggingface_hub import HfApi

    datasets.disable_progress_bars()
    try:
        taken.revision = str(HfApi().dataset_info(source.name, revision=source.revision or None).sha)
        rows = datasets.load_dataset(source.name, split=source.split, revision=taken.revision)
    except Exception as error:  # the hub's client and its formats raise exceptions of many classes
        raise hub_error(f"the data set {source.name}", error, "--source FILE.jsonl") from error
    return ((number, json.dumps({"messages": row.get("messages")}).encode()) for number, row in enumerate(rows, 1))


def hub_error(what: str, error: Exception, way: str) -> JobError:
    """The sentence for what the hub does not give: silent, gated, or not there. `way` is the way without it."""
    names = {each.__name__ for each in type(error).__mro__}
    first = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    if "GatedRepoError" in names:
        sentence = f"The hub gives {what} only to who accepted its terms: accept them on its page, `hf auth login`"
        return JobError(f"{sentence}, or copy it and use {way}.", ErrorKind.refused)
    if names & {"RepositoryNotFoundError", "HFValidationError", "RevisionNotFoundError", "DatasetNotFoundError"}:
        return JobError(f"The hub has not {what} ({first}): write OWNER/NAME, or use {way}.", ErrorKind.not_found)
    if isinstance(error, ValueError):
        return JobError(
            f"The hub has {what}, but not that part of it ({first}): name it with --split.", ErrorKind.invalid
        )
    return JobError(
        f"The hub does not answer for {what} ({first}): copy it here, and use {way}.", ErrorKind.unavailable
    )
