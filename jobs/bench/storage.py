"""upload against one blob after the other, on the same storage service."""

import time
from pathlib import Path

from azure.storage.blob import ContainerClient

from jobs.bench import naive
from jobs.bench.step import Done, Step
from jobs.bench.workspace import Place, container
from jobs.errors import JobError
from jobs.pictures.scan import find_pictures
from jobs.storage import client as blobs
from jobs.upload import run as upload


def step(place: Place, pictures: int) -> Step:
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


def sequential(faces: Path) -> Done:
    with container() as made:
        started = time.perf_counter()
        pictures = find_pictures(faces).pictures
        naive.upload(pictures, made)
        return Done(len(pictures), time.perf_counter() - started, listed(made))


def job(faces: Path) -> Done:
    with container() as made:
        started = time.perf_counter()
        uploaded = upload.upload_pictures(faces, made).uploaded
        return Done(uploaded, time.perf_counter() - started, listed(made))


def listed(made: ContainerClient) -> list[tuple[str, int, bytes | None]]:
    return sorted((blob.name, blob.size, blob.md5) for blob in blobs.list_blobs(made, ""))


def same_blobs(theirs: object, ours: object) -> str:
    if theirs != ours:
        raise JobError("`upload` and a plain loop left different blobs: please report that.")
    return "the same blobs, sizes and MD5"
