"""One file with all that the laptop's services keep: both PostgreSQL servers and Azurite, as they are on disk.

The services are stopped meanwhile, so that all places are of one moment. The file is a ZIP. It holds their passwords
and keys too, which is why only its owner can read it. Only what made the files can open them: PostgreSQL of the same
version, on a system of the same kind.
"""

import json
import platform
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from jobs.errors import ErrorKind, JobError
from jobs.interrupts import uninterrupted
from jobs.local.postmaster import find_postmaster
from jobs.local.restored import finish_restore
from jobs.local.services import (
    LOCK,
    SERVICES,
    postgres_server,
    start_all,
    stop_all,
    storage_server,
)
from jobs.notice import say_if_slow
from jobs.state import atomic_file, exclusive_lock, state_folder
from jobs.wait import wait_until

MANIFEST = "backup.json"
CLOSING_SECONDS = 5  # the connections of a command that has just ended
SKIPPED = ("log", "initdb.log", "process.json", "data.new")  # of a run, and not of the data


@dataclass(frozen=True)
class BackupResult:
    """`bytes` is the size of the file."""

    file: str
    files: int
    bytes: int

    def summary(self) -> str:
        return f"{self.file}: {self.files} files, {self.bytes / 1e6:.1f} MB. It holds the services' passwords."


def describe_system() -> str:
    """The kind of system, such as "Linux x86_64": another one cannot open PostgreSQL's files."""
    return f"{platform.system()} {platform.machine()}"


def back_up(file: Path) -> BackupResult:
    """Write all that the services keep into `file`, whole or not at all. They run again afterwards if they did.

    Raises JobError when there is nothing to keep, and while another program is connected to a service.
    """
    folder = state_folder()
    if not any((folder / name / "data").exists() for name in SERVICES):
        raise JobError("There is nothing to back up: the services were never started.", ErrorKind.not_found)
    with stopped_services(), say_if_slow(f"Writing {file}"), atomic_file(file) as new:
        new.touch(mode=0o600)
        with zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            paths = list(kept_paths(folder))
            for path in paths:
                archive.write(path, path.relative_to(folder).as_posix())
            archive.writestr(MANIFEST, json.dumps({"system": describe_system()}))
    return BackupResult(str(file), sum(path.is_file() for path in paths), file.stat().st_size)


def kept_paths(folder: Path) -> Iterator[Path]:
    """Every file and folder that the services keep below `folder`. Raises JobError for a link: of a tablespace."""
    for service in SERVICES:
        for path in sorted((folder / service).rglob("*")):
            if path.is_symlink():
                reason = f"{path} leads to files elsewhere, which a backup would leave out: drop that tablespace."
                raise JobError(reason, ErrorKind.conflict)
            if path.relative_to(folder / service).parts[0] not in SKIPPED:
                yield path


@contextmanager
def stopped_services() -> Iterator[None]:
    """Stop the services for the block, and let no command start them. Those that ran are started again afterwards.

    Raises JobError, and stops none, while a program is connected to one of them.
    """
    with exclusive_lock(*LOCK):
        servers = {name: find_postmaster(postgres_server(name).data) for name in ("laptop", "cloud")}
        running = {name: each for name, each in {**servers, "azurite": storage_server().find_process()}.items() if each}
        for name, process in running.items():
            check_unused(name, process)
        try:
            stop_all()
            yield
        finally:
            with uninterrupted():
                finish_restore(SERVICES, stop_all)
                start_all(running)


def check_unused(name: str, process: psutil.Process) -> None:
    """Raise JobError while another program is connected to a service."""
    if not wait_until(lambda: not count_connections(process), every=0.2, at_most=CLOSING_SECONDS):
        reason = f"Other programs have open connections to `{name}`"
        raise JobError(f"{reason}: wait for the commands at work, and close the others.", ErrorKind.conflict)


def count_connections(server: psutil.Process) -> int:
    """How many connections of other programs a service has."""
    own = {each.laddr for each in psutil.Process().net_connections("tcp")}
    processes = [server, *server.children(recursive=True)]
    connections = [each for process in processes for each in process.net_connections("tcp")]
    return sum(each.status == psutil.CONN_ESTABLISHED and each.raddr not in own for each in connections)
