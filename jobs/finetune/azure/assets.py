"""What travels to the workspace: data, a base model, the code and its environment, each under the name of its hash.

Nothing is uploaded twice: an asset that is there under its hash is used as it is.
"""

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jobs.finetune.azure.workspace import MADE_BY, Workspace, quiet, refusals
from jobs.finetune.folder import carried_folder
from jobs.finetune.order import DataFolder
from jobs.terminal import log

DATA, BASE, ENVIRONMENT = "finetune-data", "finetune-base", "finetune"
VERSION_LENGTH = 32  # of the hash, which is enough to tell two apart
# https://mcr.microsoft.com/en-us/artifact/mar/azureml/openmpi5.0-cuda12.4-ubuntu22.04; without a GPU it runs as well
IMAGE = "mcr.microsoft.com/azureml/openmpi5.0-cuda12.4-ubuntu22.04:latest"
CODE = ("*.py", "environment.yml")


def send_data(workspace: Workspace, data: DataFolder) -> str:
    """The asset of a data folder, uploaded where it is missing: both files and nothing else. Raises JobError."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "data"
        place.mkdir()
        for file in (data.train_file, data.test_file):
            link_or_copy(file, place / file.name)
        return send_folder(workspace, DATA, data.sha256, place)


def send_folder(workspace: Workspace, name: str, sha256: str, folder: Path) -> str:
    """The id of the asset NAME:HASH; the folder is uploaded where Azure does not have it. Raises JobError."""
    version = sha256[:VERSION_LENGTH]
    with refusals(workspace, f"the data {name}"):
        if workspace.find(f"/data/{name}/versions/{version}") is None:
            from azure.ai.ml.entities import Data

            log(f"Uploading {name} to the workspace {workspace.target.ml_workspace}")
            asset = Data(name=name, version=version, path=str(folder), type="uri_folder", tags=MADE_BY)
            with quiet():
                workspace.client.data.create_or_update(asset)
    return f"azureml:{name}:{version}"


@contextmanager
def carried_copy() -> Iterator[Path]:
    """A folder with what travels and nothing else: its hash is that of the code, on every computer."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "carried"
        place.mkdir()
        for pattern in CODE:
            for file in carried_folder().glob(pattern):
                shutil.copyfile(file, place / file.name)
        yield place


def send_environment(workspace: Workspace, folder: Path) -> str:
    """The id of the environment of job and deployment: image and packages. Azure builds it once. Raises JobError."""
    file = folder / "environment.yml"
    version = hashlib.sha256(IMAGE.encode() + file.read_bytes()).hexdigest()[:VERSION_LENGTH]
    with refusals(workspace, f"the environment {ENVIRONMENT}"):
        if workspace.find(f"/environments/{ENVIRONMENT}/versions/{version}") is None:
            from azure.ai.ml.entities import Environment

            made = Environment(name=ENVIRONMENT, version=version, image=IMAGE, conda_file=str(file), tags=MADE_BY)
            with quiet():
                workspace.client.environments.create_or_update(made)
    return f"azureml:{ENVIRONMENT}:{version}"


def link_or_copy(source: Path, target: Path) -> None:
    """A second name for a file where the file system has that, else a copy."""
    try:
        target.hardlink_to(source.resolve())
    except OSError:
        shutil.copyfile(source, target)
