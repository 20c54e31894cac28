"""upload against one blob after the other, on the same storage service."""

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


def step(place: Workspace, pictures: int) -> Step:
    faces = place.pictures(pictures)
    return Step(
        name="upload",
        unit="pictures",
        baseline="one blob after the other",
        ours="jobs upload, MD5 of each set",
        slow=lambda: sequential(faces),
        fast=lambda: job(faces),
        agree=same_blobs,
    )


def sequential(faces: Path) -> StepRun:
    with temporary_container() as made:
        started = time.perf_counter()
        pictures = find_pictures(faces).pictures
        naive.upload(pictures, made)
        return StepRun(len(pictures), time.perf_counter() - started, listed(made))


def job(faces: Path) -> StepRun:
    with temporary_container() as made:
        started = time.perf_counter()
        uploaded = upload_pictures(faces, made).uploaded
        return StepRun(uploaded, time.perf_counter() - started, listed(made))


def listed(made: ContainerClient) -> list[tuple[str, int, bytes | None]]:
    return sorted((blob.name, blob.size, blob.md5) for blob in list_blobs(made, ""))


def same_blobs(theirs: object, ours: object) -> str:
    if theirs != ours:
        raise JobError("`upload` and a plain loop left different blobs: please report that.")
    return "the same blobs, sizes and MD5"
