"""The model to start from: found, and held to one state by its hash or its commit, before anything is loaded."""

import hashlib
import json
import os
from pathlib import Path

from jobs.errors import ErrorKind, JobError
from jobs.finetune.folder import hash_files
from jobs.finetune.order import TINY, Base, DataFolder
from jobs.finetune.take import hub_error
from jobs.finetune.tiny import tiny_folder

CATALOGUE = "catalogue:"
WEIGHTS = ".safetensors"
HASHED = (WEIGHTS, ".json", ".jinja", ".txt", ".model")


def find_base(name: str, data: DataFolder) -> Base:
    """The base model of a name: tiny, a folder, catalogue:NAME:VERSION, or OWNER/NAME of the hub. Raises JobError."""
    if name == TINY:
        folder = tiny_folder(data)
        return Base(name=TINY, sha256=hash_model(folder), folder=folder)
    if name.startswith(CATALOGUE):
        return catalogue_base(name)
    if Path(name).is_dir():
        return folder_base(Path(name))
    if name.count("/") != 1 or name.startswith((".", "/", "~")):
        raise JobError(
            f"There is no folder {name} with a model: give one, OWNER/NAME of the hub, or {TINY}.", ErrorKind.not_found
        )
    return hub_base(name)


def catalogue_base(name: str) -> Base:
    """A model of Azure's catalogue: its files are read by the job, and not here."""
    model, _, version = name.removeprefix(CATALOGUE).partition(":")
    if not model or not version:
        raise JobError(f"{name} has no version: write {CATALOGUE}NAME:VERSION.", ErrorKind.invalid)
    return Base(name=name, sha256=hashlib.sha256(name.encode()).hexdigest(), revision=version, is_catalogue=True)


def folder_base(folder: Path) -> Base:
    """A model in a folder. Raises JobError where it has no config, no safetensors, or code of its own."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        kind = config["model_type"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise JobError(f"{folder} has no config.json of a model: give a folder with one.", ErrorKind.invalid) from error
    if not any(folder.glob(f"*{WEIGHTS}")):
        pickled = [each.name for each in [*folder.glob("*.bin"), *folder.glob("*.pt*")]]
        reason = f"only pickled ones ({pickled[0]}), which are never loaded" if pickled else "none"
        raise JobError(f"{folder} has no weights as safetensors, {reason}: convert them first.", ErrorKind.invalid)
    return Base(
        name=str(kind) if folder.name == "" else folder.name, sha256=hash_model(folder), folder=folder.resolve()
    )


def hash_model(folder: Path) -> str:
    """The SHA-256 of the files that transformers reads."""
    return hash_files(each for each in folder.iterdir() if each.is_file() and each.name.endswith(HASHED))


def hub_base(name: str) -> Base:
    """A model of the hub at its newest commit, which is recorded. Raises JobError."""
    os.environ.update(HF_HUB_DISABLE_TELEMETRY="1", DO_NOT_TRACK="1")
    from huggingface_hub import HfApi

    try:
        info = HfApi().model_info(name)
    except Exception as error:  # the hub's client raises exceptions of many classes
        raise hub_error(f"the model {name}", error, "--model FOLDER") from error
    if not any(each.rfilename.endswith(WEIGHTS) for each in info.siblings or ()):
        raise JobError(
            f"The model {name} has no weights as safetensors, and pickled ones are never loaded: give another model.",
            ErrorKind.invalid,
        )
    identity = f"{name}@{info.sha}"
    return Base(name=name, sha256=hashlib.sha256(identity.encode()).hexdigest(), revision=str(info.sha))
