"""Where the laptop's services keep everything: `.local/` beside the project, or the folder that JOBS_LOCAL names."""

import os
import socket
from pathlib import Path

from jobs import PROJECT

HOST = "127.0.0.1"


def state_folder() -> Path:
    """The folder, made where it is missing."""
    folder = Path(os.environ.get("JOBS_LOCAL", PROJECT / ".local")).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def write_atomically(path: Path, text: str) -> None:
    """Write a small file whole: whoever reads it meanwhile sees the old or the new text, never a part."""
    new = path.with_name(path.name + ".new")
    new.touch(mode=0o600)
    new.write_text(text, encoding="utf-8")
    new.replace(path)


def free_port(wanted: int | None = None) -> int:
    """The port used last time where it is still free (bookmarks keep working), else any free one on loopback."""
    for port in (wanted, 0):
        if port is not None:
            with socket.socket() as probe:
                if os.name != "nt":  # a port closed a minute ago is free; on Windows the flag would steal one in use
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((HOST, port))
                except OSError:
                    continue
                found: int = probe.getsockname()[1]
                return found
    raise OSError(f"{HOST} has no free port")
