"""Run PostgreSQL as an unprivileged user: it refuses to run as root, which users of containers often are."""

import os
import stat
from pathlib import Path
from typing import Any, BinaryIO

UNPRIVILEGED = "nobody"
CLOSED_UMASK = -1 if os.name == "nt" else 0o077
"""For `subprocess`: other users can neither read nor write what a service writes. Windows has other permissions."""


def unprivileged_ids() -> tuple[int, int] | None:
    """The user and group id to run as instead of root. None where this process is not root, as always on Windows."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return None
    import pwd

    entry = pwd.getpwnam(UNPRIVILEGED)
    return entry.pw_uid, entry.pw_gid


def unprivileged_kwargs(programs: Path) -> dict[str, Any]:
    """Arguments for `subprocess.run` that run one of the `programs` as the unprivileged user."""
    ids = unprivileged_ids()
    if ids is None:
        return {}
    allow_traverse(programs)
    return {"user": ids[0], "group": ids[1], "extra_groups": [], "cwd": "/"}


def open_log(path: Path) -> BinaryIO:
    """Open a file for a program's output, empty and closed to other users."""
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def chown(path: Path) -> None:
    """Make the unprivileged user the owner of a file or folder."""
    ids = unprivileged_ids()
    if ids is not None:
        os.chown(path, *ids)


def chown_folder(folder: Path) -> None:
    """Make the unprivileged user the owner of a folder, and allow it to enter."""
    if unprivileged_ids() is not None:
        allow_traverse(folder)
        chown(folder)


def allow_traverse(path: Path) -> None:
    """Allow every user to pass through the folders above `path`, without listing them: root's are often closed."""
    for folder in path.parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)
