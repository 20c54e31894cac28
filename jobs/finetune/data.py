"""The data folder: train.jsonl, test.jsonl and, written last, data.json."""

import json
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jobs.errors import ErrorKind, JobError
from jobs.finetune.carried.conversations import ConversationError, parse_line, question_of, read_lines
from jobs.finetune.folder import data_folder, hash_files
from jobs.finetune.order import DataFolder
from jobs.finetune.results import describe_row
from jobs.finetune.split import TEST, TRAIN, Share, check_counts, divide, write_sides
from jobs.finetune.take import Source, Taken, question_key, take_rows
from jobs.hashes import hash_file
from jobs.state import atomic_file, remove_leftovers, write_atomically

FILES = {"train": "train.jsonl", "test": "test.jsonl"}
RECORD = "data.json"


@dataclass(frozen=True, kw_only=True)
class DataResult:
    """`train` and `test` are numbers of conversations, `sha256` the hash of each file; `dropped` could not be used."""

    source: str
    train: int
    test: int
    dropped: list[dict[str, Any]]
    sha256: dict[str, str]
    folder: str
    seconds: float
    revision: str = ""

    def summary(self) -> str:
        lines = [f"{self.train:,} conversations to learn from, {self.test:,} held out: {self.folder}"]
        return "\n".join(lines + [f"left out: {describe_row(each)}" for each in self.dropped[:10]])


def write_data(source: Source, share: Share, folder: Path | None, drop: bool = False) -> DataResult:
    """Take conversations and write them to a folder, whole or not at all. Raises JobError.

    A row that cannot be used is an error, unless `drop` leaves it out. The same source and seed give the same bytes.
    """
    started, place = time.monotonic(), folder or data_folder()
    check_is_ours(place)
    place.mkdir(parents=True, exist_ok=True)
    remove_leftovers(place)
    with tempfile.TemporaryFile(dir=place) as lines:
        taken = take_rows(source, lines)
        check_taken(source, taken, drop)
        sides = divide(taken.keys, share)
        lines.seek(0)
        # A kill from here on leaves a folder that says so, and that the same command writes again.
        write_atomically(place / RECORD, json.dumps({"source": source.name, "state": "writing"}))
        with (
            atomic_file(place / FILES["train"]) as train,
            atomic_file(place / FILES["test"]) as test,
            train.open("wb") as train_lines,
            test.open("wb") as test_lines,
        ):
            write_sides(lines, sides, train_lines, test_lines)
    hashes = {name: hash_file(place / file) for name, file in FILES.items()}
    result = DataResult(
        source=source.name,
        train=sides.count(TRAIN),
        test=sides.count(TEST),
        dropped=taken.dropped,
        sha256=hashes,
        folder=str(place),
        seconds=round(time.monotonic() - started, 3),
        revision=taken.revision,
    )
    record = {"source": source.name, "revision": taken.revision, "split": source.split, "seed": share.seed}
    counts = {"train": result.train, "test": result.test, "sha256": hashes, "dropped": taken.dropped_count}
    write_atomically(place / RECORD, json.dumps({**record, **counts}, indent=2) + "\n")
    return result


def check_is_ours(folder: Path) -> None:
    """Raise JobError for a folder with files of that name that `data` has not written."""
    if folder.exists() and not folder.is_dir():
        raise JobError(f"{folder} is a file: give a folder.", ErrorKind.invalid)
    files = [name for name in FILES.values() if (folder / name).exists()]
    if files and not (folder / RECORD).exists():
        raise JobError(
            f"{folder / files[0]} is there already, and is not from `finetune data`: give another folder.",
            ErrorKind.conflict,
        )


def check_taken(source: Source, taken: Taken, drop: bool) -> None:
    """Raise JobError for rows that cannot be used, and for a source without any."""
    if taken.dropped and not drop:
        raise JobError(
            f"{source.name} has rows that cannot be used ({taken.dropped_count:,}), the first: "
            f"{describe_row(taken.dropped[0])}. "
            "Correct them, or leave them out with --drop.",
            ErrorKind.invalid,
            {"dropped": taken.dropped},
        )
    if not taken.keys:
        reason = "all of its rows were left out" if taken.dropped else "it is empty"
        raise JobError(
            f"{source.name} has no conversation ({reason}): write one a line, such as "
            '{"messages": [{"role": "user", "content": "..."}, {"role": "assistant", "content": "..."}]}.',
            ErrorKind.invalid,
            {"dropped": taken.dropped},
        )


def load_data(folder: Path | None) -> DataFolder:
    """Read and check a data folder, `data`'s or your own two files. Raises JobError."""
    place = folder or data_folder()
    missing = [name for name in FILES.values() if not (place / name).is_file()]
    record = read_record(place)
    if missing or record.get("state") == "writing":
        command = f"python -m jobs finetune data{'' if folder is None else f' {folder}'}"
        reason = f"has no {missing[0]}" if missing else "is not complete"
        raise JobError(f"The data folder {place} {reason}: run `{command}`.", ErrorKind.not_found)
    files = {name: place / file for name, file in FILES.items()}
    hashes = {name: hash_file(file) for name, file in files.items()}
    if record.get("sha256", hashes) != hashes:
        raise JobError(
            f"The files in {place} are not those that `finetune data` wrote: run it again, or delete "
            f"{place / RECORD} to use them as they are.",
            ErrorKind.conflict,
        )
    learned, tested = set(read_keys(files["train"])), list(read_keys(files["test"]))
    common = [line for line, key in enumerate(tested, 1) if key in learned]
    if common:
        dropped = [{"line": line, "reason": "its question is in train.jsonl too"} for line in common]
        raise JobError(
            f"{files['test']}: held-out rows are in train.jsonl too ({len(common):,}), the first in line {common[0]}: "
            "what a model has learned by heart proves nothing; take them out of one of the files.",
            ErrorKind.invalid,
            {"dropped": dropped[:1000]},
        )
    check_counts(train := sum(1 for _ in read_lines(files["train"])), len(tested))
    return DataFolder(folder=place, sha256=hash_files(files.values()), train=train, test=len(tested))


def read_record(folder: Path) -> dict[str, Any]:
    """What `data` recorded; empty for a folder of your own."""
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        return {"state": "writing"}
    return record if isinstance(record, dict) else {"state": "writing"}


def read_keys(file: Path) -> Iterator[int]:
    """The keys of the questions of a file. Raises JobError with the line."""
    for number, line in read_lines(file):
        try:
            yield question_key(question_of(parse_line(line)))
        except ConversationError as error:
            raise JobError(
                f"{file}, line {number}: {error}. Correct it, or run `finetune data --source {file.name} --drop`.",
                ErrorKind.invalid,
                {"dropped": [{"line": number, "reason": str(error)}]},
            ) from error
