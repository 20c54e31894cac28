"""`local backup` and `local restore`: all places as they were, or all as they are, whatever happens meanwhile."""

import io
import json
import os
import signal
import stat
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from azure.storage.blob import ContainerClient

from jobs.entry import main
from jobs.errors import JobError
from jobs.local.backup import MANIFEST, back_up
from jobs.local.restore import restore
from jobs.local.services import (
    SERVICES,
    laptop_url,
    local_outputs,
    postgres_server,
    service_status,
    start_services,
    stop_services,
)
from jobs.postgres.connection import open_connection
from jobs.postgres.schema import upgrade_schema
from jobs.storage.client import list_blobs, storage_service, upload_blob
from jobs.target import Target
from tests.databases import execute
from tests.jobs.migrate.forty_rows import fill, rows

pytestmark = pytest.mark.slow

Places = tuple[object, ...]
CONNECTED = """
import psycopg2, sys
db = psycopg2.connect(sys.argv[1])
print(flush=True)
input()
cursor = db.cursor()
cursor.execute("SELECT 42")
print(cursor.fetchone()[0])
"""


@pytest.fixture
def own(folder: Path) -> Path:
    """The state folder of services of the test's own, with something in all places."""
    start_services(*SERVICES)
    for name in ("laptop", "cloud"):
        url = postgres_server(name).url()
        with open_connection(url) as db:
            upgrade_schema(db)
        fill(url, 40)
    with open_containers() as (pictures, lake):
        upload_blob(pictures, "train/happy/1.jpg", b"picture")
        upload_blob(lake, "ñ/1.parquet", b"rows")
    return folder


@contextmanager
def open_containers() -> Iterator[tuple[ContainerClient, ContainerClient]]:
    """Both containers, without a connection that stays open after the block."""
    target = Target.from_outputs(local_outputs(), "")
    with storage_service(target, target.pictures_url) as pictures, storage_service(target, target.lake_url) as lake:
        yield pictures.get_container_client("imagenes"), lake.get_container_client("raw")


def read_places() -> Places:
    """Rows of both databases, and the bytes of every blob of both accounts."""
    with open_containers() as both:
        blobs = [{each.name: one.download_blob(each.name).readall() for each in list_blobs(one, "")} for one in both]
    return rows(laptop_url()), rows(postgres_server("cloud").url()), *blobs


def change_places() -> Places:
    """Change all places, and return what is there now."""
    for name in ("laptop", "cloud"):
        execute(postgres_server(name).url(), "DELETE FROM imagenes_fer WHERE id > 3")
    with open_containers() as (pictures, _):
        pictures.delete_blob("train/happy/1.jpg")
        upload_blob(pictures, "train/sad/2.jpg", b"another")
    return read_places()


def test_all_places_are_as_in_the_backup(own: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "kept.zip"
    before, urls = read_places(), service_status()
    assert main(["local", "backup", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["files"] > 1000
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 or os.name == "nt"
    assert (service_status(), read_places()) == (urls, before)
    assert change_places() != before
    assert main(["local", "restore", str(file)]) == 0
    assert read_places() == before
    stop_services()
    assert (main(["local", "restore", str(file)]), service_status().laptop) == (0, None)
    assert read_places() == before


def test_an_open_connection_is_not_cut(own: Path, tmp_path: Path) -> None:
    program = subprocess.Popen([sys.executable, "-c", CONNECTED, laptop_url()], stdin=-1, stdout=-1)
    assert program.stdout.readline()
    with pytest.raises(JobError, match="open connections to `laptop`: wait"):
        back_up(tmp_path / "kept.zip")
    assert program.communicate(b"\n")[0] == b"42\n"
    assert not list(tmp_path.iterdir())


def spoil(change: Callable[[bytes], bytes]) -> Callable[[Path], object]:
    return lambda file: file.write_bytes(change(file.read_bytes()))


def add(name: str) -> Callable[[Path], None]:
    def add_entry(file: Path) -> None:
        with zipfile.ZipFile(file, "a") as archive:
            archive.writestr(name, "x")

    return add_entry


def replace_manifest(content: str) -> Callable[[Path], None]:
    def rewrite(file: Path) -> None:
        copy = io.BytesIO()
        with zipfile.ZipFile(file) as old, zipfile.ZipFile(copy, "w") as new:
            for entry in old.infolist():
                new.writestr(entry, content if entry.filename == MANIFEST else old.read(entry))
        file.write_bytes(copy.getvalue())

    return rewrite


SPOILED = {
    "not a ZIP": (spoil(lambda data: b"%PDF"), "is not a whole backup"),
    "cut": (spoil(lambda data: data[: len(data) // 2]), "is not a whole backup"),
    "a bit flipped": (
        spoil(lambda data: data[:100_000] + bytes([data[100_000] ^ 1]) + data[100_001:]),
        "is not a whole",
    ),
    "a way out": (add("../evil"), "it has a file ../evil"),
    "a way out on Windows": (add("laptop/..\\evil"), "it has a file laptop/"),
    "a drive": (add("laptop/C:evil"), "it has a file laptop/C:evil"),
    "another folder": (add("stacks/dev.json"), "it has a file stacks/dev.json"),
    "the same file twice": (add("laptop/password"), "it has a file twice"),
    "another system": (replace_manifest('{"system": "Plan9 vax"}'), "was made on Plan9 vax"),
    "another manifest": (replace_manifest("[1]"), "was made on None"),
    "a long manifest": (replace_manifest(" " * 5000), "is too long"),
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_file_that_is_not_a_whole_backup_changes_nothing(own: Path, tmp_path: Path) -> None:
    file, copy = tmp_path / "kept.zip", tmp_path / "spoiled.zip"
    back_up(file)
    before = change_places()
    for name, (spoil_file, sentence) in SPOILED.items():
        copy.write_bytes(file.read_bytes())
        spoil_file(copy)
        with pytest.raises(JobError) as refused:
            restore(copy)
        assert sentence in str(refused.value), name
    assert read_places() == before
    assert not [each for each in ("evil", "restored.new") if (own / each).exists() or (own.parent / each).exists()]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_killed_at_any_moment_all_places_are_old_or_all_are_new(own: Path, tmp_path: Path) -> None:
    file = tmp_path / "kept.zip"
    kept = read_places()
    back_up(file)
    moments = {
        "while it unpacks": lambda: (own / "restored.new").exists(),
        "while it replaces": lambda: (own / "restored").exists() and not (own / "restored/laptop").exists(),
    }
    for name, is_now in moments.items():
        changed = change_places()
        command = subprocess.Popen([sys.executable, "-m", "jobs", "local", "restore", str(file)])
        while not is_now() and command.poll() is None:
            time.sleep(0.0005)
        command.send_signal(signal.SIGKILL)
        command.wait()
        found = read_places()
        assert found in (kept, changed), name
        assert found == changed or name != "while it unpacks"
        restore(file)


def test_what_is_missing_is_one_sentence(folder: Path) -> None:
    with pytest.raises(JobError, match="nothing to back up"):
        back_up(folder / "kept.zip")
    with pytest.raises(JobError, match="There is no file"):
        restore(folder / "kept.zip")
    assert main(["local", "backup"]) == main(["local", "up", "laptop"]) == main(["local", "psql", "lap"]) == 2
