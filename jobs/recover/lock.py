"""The locks of a stack: which process holds one, and whether that process can still be alive.

Pulumi keeps them as files beside a state in a folder, and names them in its error for every other backend of files.
"""

import json
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psutil

from jobs import configuration, terminal
from jobs.errors import ErrorKind, JobError
from jobs.stack import run_pulumi

OWNER = re.compile(r"created by (?P<user>.*)@(?P<host>\S+) \(pid (?P<pid>\d+)\) at (?P<time>\S+)")
CLOCK_SECONDS = 5.0  # between a process's start, as the system computes it, and its own clock


@dataclass(frozen=True)
class Lock:
    """What Pulumi writes down when it locks a stack. `time` is in ISO 8601."""

    user: str
    host: str
    pid: int
    time: str

    def __str__(self) -> str:
        if not self.pid:
            return "a process that Pulumi does not name"
        return f"the process {self.pid} of {self.user} on {self.host}, since {self.time[:19]}"


UNNAMED = Lock("unknown", "unknown", 0, "unknown")  # Pulumi Cloud names nobody


def find_locks(stack: str) -> list[Lock]:
    """The locks of a stack whose state is in a folder; none for another backend. Raises JobError."""
    folder = state_folder_of(stack)
    if folder is None:
        return []
    name, project = stack.rpartition("/")[2], configuration.read_yaml("Pulumi.yaml")["name"]
    locks = folder / ".pulumi" / "locks"
    files = [*locks.glob(f"organization/{project}/{name}/*.json"), *locks.glob(f"{name}/*.json")]
    return [lock for file in sorted(files) if (lock := read_lock(file))]


def state_folder_of(stack: str) -> Path | None:
    """The folder that holds the stack's state; None for another backend. Raises JobError."""
    return state_path(backend_url(run_pulumi(stack, "whoami", "--json")))


def backend_url(text: str) -> str:
    """The URL in what `pulumi whoami --json` prints; empty where it prints none."""
    try:
        found = json.loads(text)
    except ValueError:
        return ""
    return str(found.get("url")) if isinstance(found, dict) else ""


def state_path(url: str) -> Path | None:
    """The folder of a `file://` backend; None for another one."""
    parts = urlsplit(url)
    if parts.scheme != "file":
        return None
    path = unquote(parts.netloc + parts.path)
    if re.match(r"/[A-Za-z]:", path):  # file:///C:/Users
        path = path[1:]
    return Path(path).expanduser()


def read_lock(file: Path) -> Lock | None:
    """The lock in a file; None where it has just been lifted. A file without an owner is a lock of nobody known."""
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError:
        values = {}
    text = {key: str(values.get(key, "unknown")) for key in ("username", "hostname", "timestamp")}
    return Lock(text["username"], text["hostname"], int(values.get("pid", 0)), text["timestamp"])


def parse_locks(text: str) -> list[Lock]:
    """The locks that an error of Pulumi names: one at least."""
    named = [Lock(each["user"], each["host"], int(each["pid"]), each["time"]) for each in OWNER.finditer(text)]
    return named or [UNNAMED]


def may_be_alive(lock: Lock) -> bool:
    """Whether the owner can still work: on another machine nobody here knows, and a process of this one may run.

    A process that started after the lock was made has only got the number of the one that made it.
    """
    if lock.host.lower() != socket.gethostname().lower():
        return True
    try:
        process = psutil.Process(lock.pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return process.create_time() <= datetime.fromisoformat(lock.time).timestamp() + CLOCK_SECONDS
    except psutil.NoSuchProcess:
        return False
    except (psutil.AccessDenied, ValueError):
        return True


def check_locks(stack: str, locks: Sequence[Lock], yes: bool) -> None:
    """Raise JobError for a lock whose owner may be alive, unless `yes` says that it is not."""
    alive = [lock for lock in locks if may_be_alive(lock)]
    if alive and not yes:
        raise JobError(
            f"Pulumi may be at work on the stack {stack}: {'; '.join(map(str, alive))}. Wait until it has ended; if it "
            f"has, `python -m jobs recover --target {stack} --yes` lifts its lock.",
            ErrorKind.conflict,
        )


def lift_locks(stack: str, locks: Sequence[Lock]) -> None:
    """Lift the locks of a stack, if there are any. Raises JobError."""
    if locks:
        terminal.log(f"Lifting the lock of {'; '.join(map(str, locks))}")
        run_pulumi(stack, "cancel", "--yes", "--stack", stack)
