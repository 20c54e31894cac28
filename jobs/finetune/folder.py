"""Where `finetune` keeps its files: below the state folder, `.local/finetune/`."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from jobs.hashes import hash_file
from jobs.state import state_folder


def finetune_folder() -> Path:
    """The folder, closed to other users."""
    folder = state_folder() / "finetune"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def data_folder() -> Path:
    """The data without DIR or --data."""
    return finetune_folder() / "data"


def runs_folder() -> Path:
    return finetune_folder() / "runs"


def models_folder() -> Path:
    return finetune_folder() / "models"


def connections_folder() -> Path:
    return finetune_folder() / "connections"


def carried_folder() -> Path:
    """The files that travel: they are run in their own folder."""
    return Path(__file__).parent / "carried"


def hash_files(files: Iterable[Path]) -> str:
    """One SHA-256 of several files: of their names and hashes, in the order of the names."""
    whole = hashlib.sha256()
    for file in sorted(files, key=lambda each: each.name):
        whole.update(f"{file.name} {hash_file(file)}\n".encode())
    return whole.hexdigest()
