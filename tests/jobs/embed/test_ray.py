"""embed on Ray's workers: the same rows as without Ray, even if a worker is killed."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from jobs.embed import from_blob
from jobs.embed.options import EmbedOptions
from jobs.embed.run import embed_pictures
from jobs.errors import JobError
from jobs.pictures.read import Content, PictureSource, UnreadableError, read_contents
from jobs.pictures.scan import find_pictures
from jobs.postgres.connection import open_connection
from jobs.storage.client import pictures_container, upload_blob
from jobs.target import Target
from jobs.upload.run import upload_pictures
from tests.jobs.embed.ray_runs import WARNINGS, busy, ray, run, table

pytestmark = [*WARNINGS, pytest.mark.slow]


@pytest.fixture(scope="module")
def two_workers() -> Iterator[None]:
    """Ray with two workers, for the tests that do not start Ray themselves."""
    ray.init("local", num_cpus=2, include_dashboard=False, object_store_memory=100 * 2**20, log_to_driver=False)
    yield
    ray.shutdown()


@pytest.fixture
def small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two pictures per task, so that there are many tasks."""
    from jobs.embed.on_ray import flow

    monkeypatch.setattr(flow, "GROUP", 2)


def services_of_ray() -> list[psutil.Process]:
    return [each for each in psutil.process_iter() if each.name() in ("raylet", "gcs_server")]


def test_rows_are_those_of_a_run_without_ray(faces: Path, laptop_url: str, weights: str, two_workers: None) -> None:
    sad = faces / "train/sad"
    (sad / "copy.jpg").write_bytes((faces / "train/happy/face_00000.jpg").read_bytes())
    (sad / "broken.jpg").write_bytes(b"broken")
    (sad / "broken too.jpg").write_bytes(b"broken")
    local, rows_local = run(faces, laptop_url, weights, None)
    on_ray, rows_on_ray = run(faces, laptop_url, weights)
    expected = replace(
        local,
        engine=on_ray.engine,
        batch=on_ray.batch,
        replaced=on_ray.replaced,
        seconds=on_ray.seconds,
        images_per_second=on_ray.images_per_second,
    )
    assert on_ray == expected
    assert (on_ray.embedded, on_ray.duplicates, len(on_ray.failed)) == (40, 1, 2)
    assert {path: row[:2] for path, row in rows_on_ray.items()} == {path: row[:2] for path, row in rows_local.items()}
    for path, (_, _, vector) in rows_on_ray.items():
        ours, theirs = (np.frombuffer(each, ">f4", offset=4) for each in (vector, rows_local[path][2]))
        assert np.allclose(ours, theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.exhaustive
def test_a_worker_that_is_killed_loses_nothing(
    faces: Path, laptop_url: str, weights: str, two_workers: None, small_groups: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, undisturbed = run(faces, laptop_url, weights)
    from jobs.embed.on_ray import table as blocks

    unpack, killed = blocks.table_to_results, list[psutil.Process]()

    def killing(block: object) -> Iterator[object]:
        workers = busy()
        if len(workers) == 2 and not killed:
            killed.append(workers[0])
            killed[0].kill()
        return unpack(block)

    monkeypatch.setattr(blocks, "table_to_results", killing)
    result, disturbed = run(faces, laptop_url, weights)
    assert len(killed) == 1
    assert not killed[0].is_running() or killed[0].status() == psutil.STATUS_ZOMBIE
    assert result.embedded == 40
    assert disturbed == undisturbed
    with open_connection(laptop_url) as db, db.cursor() as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT sha256) FROM embedded_picture")
        assert cursor.fetchone() == (40, 40)


def test_a_picture_that_changed_after_it_was_hashed_is_reported(
    faces: Path, weights: str, two_workers: None, small_groups: None
) -> None:
    from jobs.embed.on_ray.flow import run_workers
    from jobs.embed.on_ray.workers import start_workers
    from jobs.embed.options import ResolvedModel
    from jobs.embed.weights import weights_from_file

    source = PictureSource(str(faces))
    contents, _ = read_contents(find_pictures(faces).pictures[:9], lambda steps: None, source)
    contents[4] = Content(contents[4].picture, bytes(32), contents[4].md5)
    with start_workers(ResolvedModel(weights_from_file(Path(weights)), "fp32"), EmbedOptions()) as pool:
        results = list(run_workers(contents, source, pool))
    assert [isinstance(result, UnreadableError) for result in results] == [index == 4 for index in range(9)]
    assert "changed" in str(results[4])


def test_a_worker_without_the_folder_is_reported(faces: Path, weights: str, two_workers: None) -> None:
    from jobs.embed.on_ray.flow import run_workers
    from jobs.embed.on_ray.workers import start_workers
    from jobs.embed.options import ResolvedModel
    from jobs.embed.weights import weights_from_file

    contents, _ = read_contents(find_pictures(faces).pictures[:3], lambda steps: None, PictureSource(str(faces)))
    elsewhere = PictureSource(str(faces / "not mounted"))
    model = ResolvedModel(weights_from_file(Path(weights)), "fp32")
    with (
        pytest.raises(JobError, match=r"^The machine .* no folder .*not mounted.*--from-blob"),
        start_workers(model, EmbedOptions()) as pool,
    ):
        list(run_workers(contents, elsewhere, pool))


@pytest.mark.exhaustive
def test_the_command_prints_one_object_even_if_a_worker_is_killed(faces: Path, laptop_url: str, weights: str) -> None:
    arguments = ["embed", str(faces), "--weights", weights, "--engine", "ray", "--source", laptop_url, "--json"]
    before = {process.pid for process in services_of_ray()}
    with subprocess.Popen(
        [sys.executable, "-m", "jobs", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as command:
        while not (workers := [each for each in busy(command.pid) if ".submit" in " ".join(each.cmdline())]):
            assert command.poll() is None, "it ended before a worker could be killed"
        workers[0].kill()
        out, log = command.communicate()
    assert command.returncode == 0, log
    assert json.loads(out)["embedded"] == len(table(laptop_url)) == 40
    assert all(line.startswith(("embed: ", "read: ")) or "(raylet)" in line for line in log.splitlines()), log
    assert not {process.pid for process in services_of_ray()} - before


@pytest.mark.exhaustive
def test_pictures_of_a_container_are_those_of_the_folder(
    faces: Path, laptop_url: str, weights: str, target: Target, two_workers: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    (faces / "train/sad/broken.jpg").write_bytes(b"broken")
    upload_pictures(faces, pictures_container(target))
    _, of_folder = run(faces, laptop_url, weights)
    result, of_container = run(target, laptop_url, weights)
    assert of_container == of_folder
    assert [failed.filepath for failed in result.failed] == ["sad/broken.jpg"]
    pictures_container(target).delete_blob("train/sad/broken.jpg")
    downloaded: list[str] = []
    read = from_blob.BlobReader.__call__
    monkeypatch.setattr(
        from_blob.BlobReader,
        "__call__",
        lambda self, each: downloaded.append(each.filepath) or read(self, each),
    )
    again = embed_pictures(target, laptop_url, EmbedOptions())
    assert (again.unchanged, downloaded) == (40, [])
    happy = (faces / "train/happy/face_00000.jpg").read_bytes()
    upload_blob(pictures_container(target), "train/sad/was happy.jpg", happy)
    pictures_container(target).delete_blob("train/happy/face_00000.jpg")
    upload_blob(
        pictures_container(target),
        "train/sad/face_00000.jpg",
        (faces / "train/sad/face_00000.jpg").read_bytes() + b" ",
    )
    pictures_container(target).delete_blob("train/sad/face_00001.jpg")
    changed = embed_pictures(target, laptop_url, EmbedOptions())
    assert (changed.renamed, changed.embedded, changed.deleted, changed.unchanged) == (1, 1, 1, 37)
    assert set(downloaded) == {"sad/was happy.jpg", "sad/face_00000.jpg"}
    assert table(laptop_url)["sad/was happy.jpg"][::2] == of_folder["happy/face_00000.jpg"][::2]
