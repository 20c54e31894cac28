"""The server process of a PostgreSQL data folder: which process it is, and why it does not answer."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg2

from jobs.errors import explain
from jobs.libpq import connect, error_reason

CONNECT_SECONDS = 5
DOWN = "`python -m jobs local down` ends it, with nothing lost"
LOST_PASSWORD = "it does not accept the password in the file `password` beside its data: put the right one back"  # noqa: S105
ENDED = "it has just ended: run the same command again"
STOPPED = "its process {pid} is stopped, as by Ctrl-Z or a debugger: continue it with `kill -CONT {pid}`; " + DOWN
# The first pattern that is found in the answer counts.
SILENCES = {
    r"the database system is |not yet accepting|recovery mode": (
        "it is starting or recovering ({reason}): wait, then run the same command again; its file `log` says how far "
        "it is"
    ),
    r"too many (clients|connections)|remaining connection slots": (
        "it has no connection left ({reason}): close other programs that use it, such as pgAdmin or a notebook; " + DOWN
    ),
    r"password authentication failed|no password": LOST_PASSWORD,
}
UNKNOWN_SILENCE = "it does not answer ({reason}): run the same command again; " + DOWN


@dataclass(frozen=True)
class PostmasterFile:
    """The file `postmaster.pid`, which PostgreSQL writes: the server's process id and port."""

    pid: int | None
    port: int | None

    @classmethod
    def read(cls, data: Path) -> "PostmasterFile":
        """Read the file of a data folder. It names the folder too, in the encoding of the file system: read as bytes.

        A value that is not there yet is None. Raises OSError for a file that exists and cannot be read.
        """
        try:
            lines = (data / "postmaster.pid").read_bytes().splitlines()
        except FileNotFoundError:
            lines = []
        numbers = [int(line) if line.strip().isdigit() else None for line in [*lines[:4], b"", b"", b"", b""]]
        return cls(pid=numbers[0], port=numbers[3])


def find_postmaster(data: Path) -> psutil.Process | None:
    """The running server process of a data folder. A zombie does not count; one that hides what it is does."""
    pid = PostmasterFile.read(data).pid
    if pid is None:
        return None
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE or not process.name().startswith("postgres"):
            return None
        return process if works_in(process, data) else None
    except psutil.AccessDenied:
        return psutil.Process(pid)
    except (psutil.NoSuchProcess, ValueError, OverflowError):
        return None


def works_in(process: psutil.Process, data: Path) -> bool:
    """Whether a server process is that of the folder. Process ids are used again: it may be another server's.

    Its command line names the folder. A folder that was renamed since is still the one that the process is in.
    """
    return str(data) in process.cmdline() or os.path.realpath(process.cwd()) == os.path.realpath(data)


def explain_silence(process: psutil.Process, url: str) -> str | None:
    """Why a server process does not answer, and what to do; None where it answers."""
    try:
        if is_stopped(process):
            return STOPPED.format(pid=process.pid)
        connect(url, connect_timeout=CONNECT_SECONDS).close()
    except psycopg2.OperationalError as error:
        return explain(str(error), SILENCES, UNKNOWN_SILENCE, reason=error_reason(error))
    except psutil.NoSuchProcess:
        return ENDED
    return None


def is_stopped(process: psutil.Process) -> bool:
    """Whether a process is stopped by a signal or a debugger: it answers nothing, and does not end by itself."""
    return process.status() in (psutil.STATUS_STOPPED, psutil.STATUS_TRACING_STOP)


def continue_process(process: psutil.Process) -> None:
    """Let a stopped process go on, so that it can end."""
    with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
        if is_stopped(process):
            process.resume()
