"""The state folder: what this machine keeps between commands. Files are replaced whole, and locks exclude commands.

It is `.local/` in the project, or the folder that the environment variable JOBS_LOCAL names.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from filelock import BaseFileLock, FileLock, Timeout

from jobs import PROJECT, terminal
from jobs.errors import ErrorKind, JobError
from jobs.wait import backoff, wait_until

LOCK_SECONDS = 180
REPLACE_SECONDS = 2
SAY_SECONDS = 0.5  # a lock that is free again by then is not worth a line


def state_folder() -> Path:
    """The folder, created where it is missing."""
    folder = Path(os.environ.get("JOBS_LOCAL", PROJECT / ".local")).resolve()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


@contextmanager
def nested_state_folder(name: str) -> Iterator[None]:
    """Use the folder `name` below the state folder as the state folder for the block, here and in started programs."""
    before = os.environ.get("JOBS_LOCAL")
    os.environ["JOBS_LOCAL"] = str(state_folder() / name)
    try:
        yield
    finally:
        if before is None:
            del os.environ["JOBS_LOCAL"]
        else:
            os.environ["JOBS_LOCAL"] = before


@contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """Yields a new path beside `path` to write to. It replaces `path` when the block ends, and is deleted on an error.

    Readers see the old file or the new one, never a part. Two writers at once use two files: the last one to end wins.
    It is on disk before it counts: else a power cut can leave an empty file under the name. Missing parent folders are
    created. The new path ends in `.new`: name the format to a library that reads it from the suffix.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}.new")
    try:
        yield new
        sync(new)
        replace_file(new, path)
        with suppress(OSError):  # some file systems cannot, and some folders cannot be read
            sync(path.parent)
    finally:
        with suppress(OSError):
            new.unlink()


def remove_leftovers(folder: Path) -> None:
    """Delete the new files of `atomic_file` whose process was killed before they replaced anything."""
    for left in folder.glob("*.*.*.new"):
        process = left.name.split(".")[-3]
        if process.isdecimal() and not psutil.pid_exists(int(process)):
            with suppress(OSError):
                left.unlink()


def sync(path: Path) -> None:
    """Return when a file, or the names in a folder, are on disk. Windows has no such thing for a folder."""
    if os.name == "nt" and path.is_dir():
        return
    handle = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def replace_file(new: Path, path: Path, at_most: float | None = None) -> None:
    """Rename `new` to `path`. Windows refuses that for a moment while a virus scanner or a reader has a file open.

    Tries for `at_most` seconds (default: REPLACE_SECONDS). A folder is renamed where `path` does not exist.
    """

    def try_replace() -> bool:
        with suppress(PermissionError):
            new.replace(path)
            return True
        return False

    if not wait_until(try_replace, every=backoff(0.01, 0.25), at_most=at_most or REPLACE_SECONDS):
        new.replace(path)


def write_atomically(path: Path, content: str | bytes) -> None:
    """Replace a small file whole, readable by its owner only (mode 0600)."""
    with atomic_file(path) as new:
        new.touch(mode=0o600, exist_ok=False)
        new.write_bytes(content.encode() if isinstance(content, str) else content)


@contextmanager
def exclusive_lock(name: str, busy: str) -> Iterator[None]:
    """Hold a lock of the state folder for the block, so that one command at a time is in it.

    A command that has to wait says so at once, in a line that begins with `busy`. Raises JobError (conflict) when
    another command holds it for LOCK_SECONDS.
    """
    lock = FileLock(state_folder() / name)
    wait_for_lock(lock, busy)
    try:
        yield
    finally:
        lock.release()


def wait_for_lock(lock: BaseFileLock, busy: str, at_most: float | None = None) -> None:
    """Acquire a lock within `at_most` seconds (default: LOCK_SECONDS). Raises JobError, which begins with `busy`."""
    seconds = LOCK_SECONDS if at_most is None else at_most
    try:
        lock.acquire(timeout=min(SAY_SECONDS, seconds))
        return
    except Timeout:
        terminal.log(f"{busy}: this command waits until it has ended, at most {seconds:g} s.")
    try:
        lock.acquire(timeout=max(seconds - SAY_SECONDS, 0))
    except Timeout as error:
        raise JobError(f"{busy} for {seconds:g} s: wait until it has ended.", ErrorKind.conflict) from error
