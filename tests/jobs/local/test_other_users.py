"""Other users of the computer can neither read nor write what the laptop's services keep."""

import os
import stat
import sys
from pathlib import Path

import pytest
from azure.core.exceptions import HttpResponseError
from azure.storage.blob import BlobServiceClient

from jobs.local.azurite import PUBLISHED_KEY
from jobs.local.services import laptop_url, local_outputs, start_services, stop_services, storage_server

OTHER_USER = 65533  # neither root nor nobody, which runs PostgreSQL for root


def list_containers(key: str) -> list[str]:
    with BlobServiceClient(storage_server().url("imagenes"), credential=key, retry_total=0) as client:
        return [each.name for each in client.list_containers()]


def test_the_published_key_opens_nothing(folder: Path) -> None:
    outputs = local_outputs()
    assert outputs["storage_key"] not in ("", PUBLISHED_KEY)
    assert list_containers(outputs["storage_key"]) == ["imagenes"]
    with pytest.raises(HttpResponseError):
        list_containers(PUBLISHED_KEY)


def test_the_key_stays_the_same(folder: Path) -> None:
    before = local_outputs()["storage_key"]
    stop_services()
    assert local_outputs()["storage_key"] == before


def test_an_emulator_of_an_older_version_goes_on(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("jobs.local.azurite.secrets.token_bytes", lambda size: b"")
        patch.setattr("jobs.local.azurite.AzuriteServer.key", lambda server: PUBLISHED_KEY)
        start_services("azurite")
    (folder / "azurite/key").unlink()
    assert local_outputs()["storage_key"] == PUBLISHED_KEY
    assert list_containers(PUBLISHED_KEY) == ["imagenes"]
    stop_services()
    assert local_outputs()["storage_key"] != PUBLISHED_KEY


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions")
def test_files_are_closed_to_other_users(folder: Path) -> None:
    outputs = local_outputs()
    with BlobServiceClient(storage_server().url("imagenes"), credential=outputs["storage_key"]) as client:
        client.get_blob_client("imagenes", "a").upload_blob(b"picture")
    assert stat.S_IMODE((folder / "azurite").stat().st_mode) == 0o700
    laptop_url()
    open_to_others = {path.name for path in folder.rglob("*") if path.stat().st_mode & 0o077}
    assert open_to_others == {"lock"}  # empty
    assert not folder.stat().st_mode & 0o066


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.parametrize("name", ["azurite/key", "azurite/data", "outputs.json", "cloud/password", "cloud/data"])
def test_another_user_reads_nothing(folder: Path, name: str) -> None:
    local_outputs()
    groups = os.getgroups()
    os.setgroups([])
    os.seteuid(OTHER_USER)
    try:
        with pytest.raises(PermissionError):
            (folder / name).read_bytes()
        with pytest.raises(PermissionError):
            list((folder / name).iterdir())
        with pytest.raises(PermissionError):
            (folder / name / "new").touch()
    finally:
        os.seteuid(0)
        os.setgroups(groups)
