"""What `pause` did, for `resume`: only the machine that paused knows that the daily trigger was on before."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from jobs.state import state_folder, write_atomically


@dataclass(frozen=True)
class Note:
    """`since` is the day of the stop, None while it is under way, or where somebody else stopped the server.

    `trigger` says whether the daily trigger was on.
    """

    since: str | None
    trigger: bool


def file(stack: str) -> Path:
    return state_folder() / "paused" / f"{stack.replace('/', '.')}.json"


def read(stack: str) -> Note | None:
    """The note of a stack, None where there is none; one that cannot be read is none."""
    try:
        return Note(**json.loads(file(stack).read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def write(stack: str, note: Note) -> None:
    file(stack).parent.mkdir(exist_ok=True)
    write_atomically(file(stack), json.dumps(asdict(note)))


def drop(stack: str) -> None:
    file(stack).unlink(missing_ok=True)
