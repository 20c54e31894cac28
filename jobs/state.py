"""The state folder: what this machine keeps between commands, each file written whole, and locks between commands.

It is `.local/` beside the project, or the folder that JOBS_LOCAL names.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from jobs import PROJECT
from jobs.errors import ErrorKind, JobError

LOCK_SECONDS = 180


def state_folder() -> Path:
    """The folder, made where it is missing."""
    folder = Path(os.environ.get("JOBS_LOCAL", PROJECT / ".local")).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """A path to write to, beside `path`, which replaces `path` when the block ends well and is deleted when it fails.

    Readers see the old file or the new one, never a part. Two writers at once do not meet: the last one counts.
    """
    new = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}.new")
    try:
        yield new
        new.replace(path)
    finally:
        with suppress(OSError):
            new.unlink()


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a small file whole, readable by its owner only. Folders that are missing are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_file(path) as new:
        new.touch(mode=0o600)
        new.write_bytes(content.encode() if isinstance(content, str) else content)


@contextmanager
def exclusive_lock(name: str, busy: str) -> Iterator[None]:
    """One command at a time for the length of the block. Raises JobError after LOCK_SECONDS, which begins with `busy`."""
    lock = FileLock(state_folder() / name, timeout=LOCK_SECONDS)
    try:
        lock.acquire()
    except Timeout as error:
        raise JobError(f"{busy} for {LOCK_SECONDS} s: wait until it has ended.", ErrorKind.conflict) from error
    try:
        yield
    finally:
        lock.release()
