"""recover --undo: bring back the state that recover replaced last."""

from dataclasses import dataclass
from pathlib import Path

from jobs.errors import ErrorKind, JobError
from jobs.recover.backup import RECORDS, hash_state
from jobs.recover.lock import check_locks, find_locks, lift_locks
from jobs.recover.run import replace_state
from jobs.recover.state import read_state


@dataclass(frozen=True)
class UndoResult:
    """`restored` is the file whose state the stack has again, `backup` the one with the state that recover had left."""

    stack: str
    restored: str
    backup: str

    def summary(self) -> str:
        return f"The stack {self.stack} has its state of {self.restored} again; the other one is in {self.backup}."


def find_replaced(stack: str) -> str:
    """The file with the state that recover replaced last.

    Raises JobError where there is none, and where the state has changed since: to bring back the old one would lose
    what `pulumi up` has recorded.
    """
    record = RECORDS.read(stack)
    if record is None or not Path(record.file).is_file():
        raise JobError(
            f"`recover` has not changed the stack {stack} from this folder: nothing to undo.", ErrorKind.not_found
        )
    if hash_state(read_state(stack)) != record.left:
        raise JobError(
            f"The state of the stack {stack} has changed since `recover` ran: to bring back the old one would lose "
            f"what was recorded since. `pulumi stack import --file {record.file} --stack {stack}` does it anyway.",
            ErrorKind.conflict,
        )
    return record.file


def undo_recovery(stack: str, file: str, yes: bool) -> UndoResult:
    """Make the state of a file the stack's. Raises JobError."""
    locks = find_locks(stack)
    check_locks(stack, locks, yes)
    lift_locks(stack, locks)
    backup = replace_state(stack, read_state(stack), Path(file).read_text(encoding="utf-8"), yes)
    return UndoResult(stack, file, backup)
