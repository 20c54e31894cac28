"""What the last report saw, and what Azure changed since. Azure's dates move in both directions, without notice.

The file holds each deployment's and configured model's date, status and replacement, and since when. In CI it is
committed or cached.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from jobs.errors import ErrorKind, JobError
from jobs.foreign_files import MAX_JSON_BYTES, UnusableFileError, parse_json, read_regular_file
from jobs.models.rows import Row
from jobs.state import state_folder, write_atomically

FORMAT = 1
FIELDS = ("retires", "lifecycle", "replacement")

Snapshot = dict[str, Any]


@dataclass(frozen=True)
class Change:
    """What Azure changed. `seen` is the day on which the old value was first seen; `now` is `is` in --json."""

    name: str
    field: str
    was: str | None
    now: str | None
    seen: str
    direction: str  # earlier, later, new, gone; "changed" of what is not a date
    account: str
    key: str  # of its row

    @property
    def what(self) -> str:
        """The change in words, without the name."""
        values = f"{self.now or 'nothing'}, was {self.was or 'nothing'} on {self.seen}"
        return f"{self.field} {values} ({self.direction})"

    def document(self) -> dict[str, Any]:
        return {"is" if key == "now" else key: value for key, value in vars(self).items()}


def default_file(account: str) -> Path:
    """Where the snapshot of an account is; `everywhere` for that of all."""
    return state_folder() / "models" / f"{account}.json"


def read_snapshot(file: Path) -> Snapshot:
    """The last snapshot; an empty one where there is no file. Raises JobError for a file that is not one."""
    if not file.exists():
        return {}
    try:
        found = parse_json(read_regular_file(file, MAX_JSON_BYTES))
        if found["format"] == FORMAT and all(isinstance(each["sequence"], int) for each in found["models"].values()):
            return dict(found["models"])
    except (OSError, UnusableFileError, KeyError, TypeError, AttributeError) as error:
        raise damaged(file) from error
    raise damaged(file)


def damaged(file: Path) -> JobError:
    return JobError(
        f"{file} is not a snapshot of `models report`: delete it, and the next report begins another.",
        ErrorKind.invalid,
    )


def write_snapshot(file: Path, models: Snapshot, today: date) -> None:
    """Replace the file whole."""
    text = json.dumps({"format": FORMAT, "taken": today.isoformat(), "models": models}, indent=1, sort_keys=True)
    write_atomically(file, text + "\n")


def compare(before: Mapping[str, Any], rows: Iterable[Row], today: date) -> tuple[list[Change], Snapshot]:
    """What changed since `before`, and the new snapshot of these rows. Pure."""
    changes: list[Change] = []
    after: Snapshot = {}
    for row in rows:
        entry = {field: {"value": value, "seen": today.isoformat()} for field, value in seen_values(row).items()}
        entry["sequence"] = 0  # type: ignore[assignment]
        if row.key in before:
            changes += compare_entry(row, before[row.key], entry)
        after[row.key] = entry
    return changes, after


def compare_entry(row: Row, old: Mapping[str, Any], new: dict[str, Any]) -> list[Change]:
    """What changed of one deployment. `new` keeps the first day of each value that did not.

    Another model is one change: its date is not the old one's, which moved.
    """
    new["sequence"] = old["sequence"]
    fields = [each for each in ("model", *FIELDS) if old.get(each, {}).get("value") != new[each]["value"]]
    for each in {"model", *FIELDS} - set(fields):
        new[each]["seen"] = old[each]["seen"]
    if old.get("retires", {}).get("value") != new["retires"]["value"]:
        new["sequence"] += 1
    shown = ["model"] if "model" in fields else fields
    return [to_change(row, each, old[each], new[each]["value"]) for each in shown if each in old]


def to_change(row: Row, field: str, old: Mapping[str, Any], value: str | None) -> Change:
    was = old.get("value")
    direction = "changed"
    if field == "retires":
        direction = "new" if not was else "gone" if not value else "earlier" if value < was else "later"
    return Change(row.name, field, was, value, str(old.get("seen")), direction, row.account, row.key)


def seen_values(row: Row) -> dict[str, str | None]:
    replacement = " ".join(row.replacement.values()) if row.replacement else None
    return {
        "model": f"{row.model} {row.version}",
        "retires": row.retires,
        "lifecycle": row.lifecycle,
        "replacement": replacement,
    }


def with_sequences(rows: Sequence[Row], snapshot: Mapping[str, Any]) -> tuple[Row, ...]:
    """The rows with how often their date has moved."""
    return tuple(replace(row, sequence=snapshot[row.key]["sequence"]) for row in rows)
