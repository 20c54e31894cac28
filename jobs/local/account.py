"""Who PostgreSQL runs as: it refuses to be root, and in containers people often are."""

import os
import stat
from pathlib import Path
from typing import Any

UNPRIVILEGED = "nobody"


def unprivileged() -> tuple[int, int] | None:
    """User and group id to run as instead of root; None where we are not root (Windows always)."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return None
    import pwd

    entry = pwd.getpwnam(UNPRIVILEGED)
    return entry.pw_uid, entry.pw_gid


def unprivileged_kwargs(programs: Path) -> dict[str, Any]:
    """What `subprocess.run` needs to run one of these programs as someone whom PostgreSQL accepts."""
    ids = unprivileged()
    if ids is None:
        return {}
    allow_traverse(programs)
    return {"user": ids[0], "group": ids[1], "extra_groups": [], "cwd": "/"}


def chown(path: Path) -> None:
    """Let PostgreSQL own a file or folder."""
    ids = unprivileged()
    if ids is not None:
        os.chown(path, *ids)


def chown_folder(folder: Path) -> None:
    """Let PostgreSQL own a folder, and reach it."""
    if unprivileged() is not None:
        allow_traverse(folder)
        chown(folder)


def allow_traverse(path: Path) -> None:
    """Root's own folders may be closed to all others: let them pass, not look, on the way to `path`."""
    for folder in path.parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)
