"""The states that recover has replaced, each in a file of the state folder, its secrets encrypted by the stack."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from jobs.recover.state import State
from jobs.stack_record import StackRecord
from jobs.state import write_atomically


@dataclass(frozen=True)
class Replaced:
    """The state that recover replaced last: the file that has it, and the hash of the state that it left."""

    file: str
    left: str


RECORDS = StackRecord("recover", Replaced)


def save_state(stack: str, state: State) -> Path:
    """Write a state to a file of its own, and return its path."""
    record = RECORDS.file(stack)
    file = record.with_suffix("") / f"{datetime.now(UTC):%Y-%m-%dT%H-%M-%S.%f}.json"
    write_atomically(file, state.text)
    return file


def hash_state(state: State) -> str:
    """A hash of an export with its secrets encrypted: it changes with every write."""
    return hashlib.sha256(state.text.encode()).hexdigest()
