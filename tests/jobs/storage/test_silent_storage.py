"""Storage that falls silent in the middle of an answer: a line, then a sentence; a short fault is got over."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from jobs.azure import retries
from jobs.azure.arm import Arm
from jobs.errors import JobError
from jobs.index.faiss_index import index_lake
from jobs.storage import retries as storage_retries
from jobs.storage.client import lake_container, list_blobs, pictures_container, translate_storage_errors, upload_blob
from jobs.target import Target
from jobs.upload.run import upload_pictures
from tests.azure_fakes.cloud import Cloud, Request, Response
from tests.jobs.storage.test_hostile_rows import write_parquet
from tests.stalling_proxy import StallingProxy


@pytest.fixture
def proxy(target: Target, monkeypatch: pytest.MonkeyPatch) -> Iterator[StallingProxy]:
    """A proxy in front of Azurite. Silence is a second, and two of them are the end."""
    monkeypatch.setitem(retries.LIMITS, "read_timeout", 1)
    for module in (retries, storage_retries):
        monkeypatch.setattr(module, "SILENT_SECONDS", 2)
    opened = StallingProxy(urlsplit(target.lake_url).port or 0)
    yield opened
    opened.close()


def behind(target: Target, proxy: StallingProxy) -> Target:
    return replace(target, lake_url=proxy.url(target.lake_url), pictures_url=proxy.url(target.pictures_url))


def test_silence_never_lasts_90_seconds() -> None:
    tries = retries.SILENT_SECONDS + retries.READ_SECONDS  # the last try begins before SILENT_SECONDS
    assert tries + retries.CONNECT_SECONDS <= 90


@pytest.mark.parametrize("at", [0, 200, 20_000])
def test_storage_that_stalls_ends_in_a_sentence(
    proxy: StallingProxy, target: Target, at: int, capsys: pytest.CaptureFixture[str]
) -> None:
    upload_blob(lake_container(target), "other/large", b"x" * 100_000)
    write_parquet(target)
    proxy.fault, proxy.at = "stall", at
    with pytest.raises(JobError, match="does not answer"):
        for _ in range(20):
            index_lake(behind(target, proxy))
            container = lake_container(behind(target, proxy))
            with translate_storage_errors(container):
                container.download_blob("other/large").readall()
    err = capsys.readouterr().err
    assert "Incomplete download" not in err
    assert "asking again" in err


def test_upload_to_storage_that_stalls_ends_in_a_sentence(
    proxy: StallingProxy, target: Target, drawn_faces: Path
) -> None:
    proxy.fault = "stall"
    with pytest.raises(JobError, match="does not answer"):
        upload_pictures(drawn_faces, pictures_container(behind(target, proxy)))


@pytest.mark.parametrize("fault", ["stall", "reset", "truncate"])
def test_one_fault_is_got_over(proxy: StallingProxy, target: Target, fault: str) -> None:
    upload_blob(lake_container(target), "a", b"x" * 10_000)
    proxy.fault, proxy.at, proxy.times = fault, 100, 1  # type: ignore[assignment]
    container = lake_container(behind(target, proxy))
    assert [blob.name for blob in list_blobs(container, "a")] == ["a"]
    assert container.download_blob("a").readall() == b"x" * 10_000


def test_resource_manager_that_is_silent_ends_in_an_error(cloud: Cloud, proxy: StallingProxy) -> None:
    ended = threading.Event()

    def keep_silent(request: Request) -> Response:
        ended.wait(60)
        return Response(200, {})

    cloud.services["management.azure.com"] = keep_silent
    with Arm() as arm, pytest.raises(retries.AzureError):
        arm.get("/subscriptions/x", "2022-12-01")
    ended.set()
