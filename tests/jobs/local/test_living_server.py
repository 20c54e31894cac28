"""A living server is found again, whatever the encoding of its folder's name, and its files are left alone."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from jobs.local import postgres
from jobs.local.postmaster import PostmasterFile, find_postmaster
from jobs.local.services import laptop_url, postgres_server, start_services, storage_server
from jobs.state import write_atomically

# Python reads and writes text in ASCII then. On Windows it is cp1252 or another one.
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def run_local(action: str) -> "subprocess.CompletedProcess[bytes]":
    """Run `local` in a Python whose encoding does not have the accent."""
    words = [sys.executable, "-m", "jobs", "local", action]
    return subprocess.run(words, env={**os.environ, **ASCII}, capture_output=True, check=False)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such variables")
def test_a_server_is_found_and_stopped_under_another_encoding(folder: Path) -> None:
    start_services("laptop", "azurite")
    before = find_postmaster(folder / "laptop/data"), storage_server().find_process()
    assert run_local("up").returncode == 0
    assert (find_postmaster(folder / "laptop/data"), storage_server().find_process()) == before
    assert run_local("down").returncode == 0
    assert find_postmaster(folder / "laptop/data") is None
    assert storage_server().find_process() is None


def test_the_first_start_under_another_encoding(folder: Path) -> None:
    assert run_local("up").returncode == 0
    assert postgres_server("laptop").is_running()


@pytest.mark.parametrize("name", ["señor é".encode("cp1252"), "señor é".encode(), b"\xff\xfe"])
def test_a_postmaster_file_is_read_in_any_encoding(tmp_path: Path, name: bytes) -> None:
    lines = [b"4711", b"/home/" + name + b"/data", b"1764115200", b"54321", b"", b"127.0.0.1", b"  1  2", b"ready   "]
    (tmp_path / "postmaster.pid").write_bytes(b"\n".join(lines))
    assert PostmasterFile.read(tmp_path) == PostmasterFile(pid=4711, port=54321)


@pytest.mark.parametrize("content", [b"", b"4711", b"4711\n/x\n1", b"no number\n\n\nno port\n"])
def test_a_half_written_postmaster_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "postmaster.pid").write_bytes(content)
    read = PostmasterFile.read(tmp_path)
    assert (read.pid, read.port) == (4711 if content.startswith(b"4711") else None, None)


def test_the_files_of_a_living_server_that_refuses_connections_stay(folder: Path) -> None:
    """A lost password, no connection left: it is not another server's turn."""
    laptop_url()
    server, pid_file = postgres_server("laptop"), folder / "laptop/data/postmaster.pid"
    before, port, password = pid_file.read_bytes(), server.port(), (folder / "laptop/password").read_text()
    write_atomically(folder / "laptop/password", "wrong")
    with pytest.raises(postgres.JobError, match="`laptop`: it does not accept the password in the file `password`"):
        laptop_url()
    assert pid_file.read_bytes() == before
    write_atomically(folder / "laptop/password", password)
    assert (server.port(), server.is_running()) == (port, True)


def test_a_server_whose_port_file_is_wrong_is_found_by_its_own(folder: Path) -> None:
    url = laptop_url()
    write_atomically(folder / "laptop/port", "1")
    assert laptop_url() == url


def test_a_server_process_that_hides_its_name_counts_as_alive(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    laptop_url()

    def refuse(process: psutil.Process) -> str:
        raise psutil.AccessDenied(process.pid)

    monkeypatch.setattr(psutil.Process, "name", refuse)
    assert find_postmaster(folder / "laptop/data") is not None


def test_the_storage_emulator_is_found_after_the_clock_was_set(folder: Path) -> None:
    start_services("azurite")
    found = storage_server().find_process()
    record = folder / "azurite/process.json"
    write_atomically(record, record.read_text().replace('"created": ', '"created": 1'))
    assert storage_server().find_process() == found
    start_services("azurite")
    assert storage_server().find_process() == found


def test_a_cluster_that_a_scanner_looks_into_gets_its_name_a_moment_later(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace, attempts = Path.replace, []

    def refuse(source: Path, target: Path) -> Path:
        attempts.append(source.name)
        if attempts.count("data.new") < 3 and source.name == "data.new":
            raise PermissionError(13, "Access is denied", str(target))
        return replace(source, target)

    monkeypatch.setattr(Path, "replace", refuse)
    assert laptop_url()
    assert attempts.count("data.new") == 3
