"""SIGKILL during a command, then the same command again: the result is that of an undisturbed run."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from jobs.local import services as local
from jobs.pictures import sample
from jobs.postgres import schema
from jobs.postgres.connection import fetch_value, open_connection, target_url
from jobs.storage.client import lake_container, list_blobs, pictures_container
from jobs.target import Target

pytestmark = pytest.mark.slow

MANY = 300  # more than one chunk of `embed`


def start(*arguments: str) -> "subprocess.Popen[str]":
    words = [sys.executable, "-m", "jobs", *arguments]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(*arguments: str) -> None:
    command = start(*arguments)
    _, errors = command.communicate()
    assert command.returncode == 0, errors


def kill_when(now: Callable[[], bool], *arguments: str) -> None:
    """Start a command and kill it as soon as `now()` is true. It must still be running then."""
    command = start(*arguments)
    while not now():
        assert command.poll() is None, "it ended before it could be killed"
        time.sleep(0.002)
    command.kill()
    command.communicate()


def is_connected(url: str, query: str) -> bool:
    """Whether a job is connected to the server, and its last query begins with `query`."""
    jobs = "SELECT count(*) > 0 FROM pg_stat_activity WHERE application_name = 'jobs' AND pid <> pg_backend_pid()"
    with open_connection(url) as db:
        return bool(fetch_value(db, f"{jobs} AND ltrim(query, E' \\n') LIKE %s", (query + "%",)))


def has_weights(url: str) -> bool:
    """Whether the weights are recorded, which is when embedding begins."""
    with open_connection(url) as db:
        return bool(
            fetch_value(db, "SELECT to_regclass('embedding')") and fetch_value(db, "SELECT count(*) FROM embedding")
        )


def rows(url: str) -> list[tuple[object, ...]]:
    with open_connection(url) as db, db.cursor() as cursor:
        cursor.execute("SELECT id, filepath, emotion, vector::text FROM imagenes_fer ORDER BY id")
        return cursor.fetchall()


def count(url: str) -> int:
    with open_connection(url) as db:
        return (
            fetch_value(db, "SELECT count(*) FROM imagenes_fer")
            if fetch_value(db, "SELECT to_regclass('imagenes_fer')")
            else 0
        )


def files(target: Target) -> dict[str, tuple[int, bytes | None]]:
    """Name, size and MD5 of every blob, without the Parquet file: its rows are compared instead."""
    listed = [
        (c.container_name, blob)
        for c in (pictures_container(target), lake_container(target))
        for blob in list_blobs(c, "")
    ]
    return {
        f"{container}/{blob.name}": (blob.size, blob.md5)
        for container, blob in listed
        if not blob.name.endswith(".parquet")
    }


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("many")
    sample.draw_sample(folder, MANY, 2)
    copy = folder / "train/happy/copy.jpg"
    copy.write_bytes((folder / "train/angry/face_00000.jpg").read_bytes())
    (folder / "train/angry/broken.jpg").write_bytes(b"broken")
    return folder


def test_embed(many: Path, laptop: Target, laptop_url: str, weights: str) -> None:
    words = ("embed", str(many), "--weights", weights)
    finish(*words, "--source", laptop_url)
    undisturbed = rows(laptop_url)
    url = local.laptop_url()
    with open_connection(url) as db:
        schema.upgrade_schema(db)
    kill_when(lambda: is_connected(url, ""), *words)
    kill_when(lambda: has_weights(url), *words)
    kill_when(lambda: is_connected(url, "") and has_weights(url), *words)
    kill_when(lambda: count(url) > 0, *words)
    assert 0 < count(url) < MANY
    finish(*words)
    assert rows(url) == undisturbed


def test_migrate(laptop: Target) -> None:
    source, destination = local.laptop_url(), target_url(laptop)
    with open_connection(source) as db, db.cursor() as cursor:
        schema.upgrade_schema(db)
        cursor.execute("SELECT setseed(0.5)")
        cursor.execute(
            "INSERT INTO imagenes_fer (filepath, emotion, vector) SELECT 'a/' || i, 'a', "
            "ARRAY(SELECT random() FROM generate_series(1, 512) WHERE i > 0)::vector FROM generate_series(1, 20000) i"
        )
        cursor.execute("INSERT INTO embedding (weights, weights_sha256, precision, last_id) VALUES ('a', 'b', 'c', 0)")
        db.commit()
    for query in ("", "COPY", "SELECT count"):
        kill_when(lambda: is_connected(destination, query), "migrate")  # noqa: B023 - called at once
        assert count(destination) in (0, 20000)
    finish("migrate")
    assert rows(destination) == rows(source)


def test_upload_and_pipeline(many: Path, laptop: Target, weights: str) -> None:
    finish("embed", str(many), "--weights", weights)
    finish("migrate")
    pictures, lake = pictures_container(laptop), lake_container(laptop)
    for number in (1, 20, 150):
        kill_when(lambda: len(list(pictures.list_blobs())) >= number, "upload", str(many))  # noqa: B023 - called at once
    finish("upload", str(many))
    for number in (1, 30):
        kill_when(lambda: len(list(lake.list_blobs())) >= number, "run-pipeline")  # noqa: B023 - called at once
    finish("run-pipeline")
    names = {path.relative_to(many).as_posix() for path in many.rglob("*.jpg")}
    assert set(files(laptop)) == {f"imagenes/{name}" for name in names} | {f"raw/imagenes/{name}" for name in names}
    for name, (size, _) in files(laptop).items():
        assert size == (many / name[name.index("train/") :]).stat().st_size
    finish("verify")
