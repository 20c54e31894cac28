"""upload against one blob after the other, in the same storage service."""

import time
from pathlib import Path

from azure.storage.blob import ContainerClient

from jobs.bench import naive
from jobs.bench.step import Step, StepRun
from jobs.bench.workspace import Workspace, temporary_container
from jobs.errors import JobError
from jobs.pictures.scan import find_pictures
from jobs.storage.client import list_blobs
from jobs.upload.run import upload_pictures


def upload_step(workspace: Workspace, pictures: int) -> Step:
    faces = workspace.draw_pictures(pictures)
    return Step(
        name="upload",
        unit="pictures",
        baseline="one blob after the other",
        ours="jobs upload, MD5 of each set",
        run_baseline=lambda: run_sequential(faces),
        run_ours=lambda: run_upload(faces),
        compare=check_same_blobs,
    )


def run_sequential(faces: Path) -> StepRun:
    with temporary_container() as container:
        started = time.perf_counter()
        pictures = find_pictures(faces).pictures
        naive.upload_sequentially(pictures, container)
        return StepRun(len(pictures), time.perf_counter() - started, list_uploaded(container))


def run_upload(faces: Path) -> StepRun:
    with temporary_container() as container:
        started = time.perf_counter()
        uploaded = upload_pictures(faces, container).uploaded
        return StepRun(uploaded, time.perf_counter() - started, list_uploaded(container))


def list_uploaded(container: ContainerClient) -> list[tuple[str, int, bytes | None]]:
    return sorted((blob.name, blob.size, blob.md5) for blob in list_blobs(container, ""))


def check_same_blobs(baseline: object, ours: object) -> str:
    if baseline != ours:
        raise JobError("`upload` and a plain loop left different blobs: please report that.")
    return "the same blobs, sizes and MD5"
