"""Done means kept: what a command wrote to the emulator is there after SIGKILL at once, and a full disk is said."""

import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from jobs.errors import JobError
from jobs.index.faiss_index import load_index
from jobs.index.run import build_index
from jobs.local.azurite import AzuriteServer
from jobs.local.emulator import save_emulator, save_written
from jobs.local.services import (
    SERVICES,
    local_outputs,
    postgres_server,
    start_services,
    storage_server,
)
from jobs.pipeline.run import run_pipeline
from jobs.postgres.connection import open_connection
from jobs.postgres.schema import upgrade_schema
from jobs.storage.client import lake_container, list_blobs, pictures_container, upload_blob
from jobs.target import Target
from jobs.upload.run import upload_pictures
from tests.jobs.migrate.forty_rows import fill
from tests.stalling_proxy import StallingProxy

PIPELINE = "PL_Migrar_Datos_FER"


@pytest.fixture
def own(folder: Path) -> Target:
    """The target of services of the test's own, with 40 rows in its database."""
    start_services(*SERVICES)
    url = postgres_server("cloud").url()
    with open_connection(url) as db:
        upgrade_schema(db)
    fill(url, 40)
    return Target.from_outputs(local_outputs(), "local up")


def kill_emulator() -> Target:
    """End it without a moment to write anything, and start it again."""
    process = storage_server().find_process()
    process.kill()
    process.wait()
    return Target.from_outputs(local_outputs(), "local up")


def test_each_command_s_blobs_survive_a_kill_of_the_emulator(own: Target, drawn_faces: Path) -> None:
    upload_pictures(drawn_faces, pictures_container(own))
    target = kill_emulator()
    assert len(list(list_blobs(pictures_container(target), ""))) == 40
    run_pipeline(target, PIPELINE, {})
    before = {(blob.name, blob.size, blob.md5) for blob in list_blobs(lake_container(target), "")}
    target = kill_emulator()
    assert {(blob.name, blob.size, blob.md5) for blob in list_blobs(lake_container(target), "")} == before
    assert len(before) == 41
    build_index(target, "lake")
    target = kill_emulator()
    assert load_index(lake_container(target)).manifest.rows == 40


@pytest.mark.skipif(sys.platform != "linux", reason="prlimit is Linux's")
def test_a_list_that_cannot_be_written_is_an_error_and_is_written_once_there_is_room(own: Target) -> None:
    import resource

    process = storage_server().find_process()
    container = pictures_container(own)
    _, hard = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
    upload_blob(container, "train/happy/1.jpg", b"picture")
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (100, hard))
    with pytest.raises(JobError, match=r"could not write its list of blobs \(.*EFBIG.*check the free space"):
        save_written(container.url)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (hard, hard))
    save_written(container.url)
    assert len(list(list_blobs(pictures_container(kill_emulator()), ""))) == 1


def test_an_emulator_that_does_not_answer_is_an_error(own: Target) -> None:
    proxy = StallingProxy(urlsplit(own.lake_url).port or 0, "stall")
    with pytest.raises(JobError, match="timed out"):
        save_emulator(f"http://127.0.0.1:{proxy.port}", 0.2)
    proxy.close()


def test_an_emulator_that_another_program_started_gets_a_line(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = AzuriteServer.command
    monkeypatch.setattr(
        AzuriteServer,
        "command",
        lambda *words: [word for word in command(*words) if not word.startswith("--req") and "save_now" not in word],
    )
    save_written(local_outputs()["lake_url"])
    assert "one that another program started" in capsys.readouterr().err
