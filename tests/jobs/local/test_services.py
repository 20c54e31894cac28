"""The laptop's services: started once, found again, and started again after they were killed."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg2
import pytest

from jobs.errors import JobError
from jobs.local import azurite, detached_server, postgres
from jobs.local.ports import free_port
from jobs.local.postmaster import find_postmaster
from jobs.local.services import (
    SERVICES,
    laptop_url,
    local_outputs,
    postgres_server,
    service_status,
    start_services,
    stop_services,
    storage_server,
)

COMMAND = [sys.executable, "-m", "jobs", "local"]


def alive(pid: int) -> bool:
    """Whether the process runs. A zombie does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def accepts_queries(url: str) -> bool:
    with psycopg2.connect(url) as db, db.cursor() as cursor:
        cursor.execute("SELECT 1")
        row = cursor.fetchone()
    db.close()
    return row == (1,)


def test_services_are_started_once_and_all_stopped(folder: Path) -> None:
    start_services(*SERVICES)
    first = service_status()
    pids = [find_postmaster(folder / name / "data").pid for name in ("laptop", "cloud")] + [
        storage_server().find_process().pid
    ]
    start_services(*SERVICES)
    assert service_status() == first
    assert first.laptop and first.cloud and first.azurite
    stop_services()
    assert not any(alive(pid) for pid in pids)
    after = service_status()
    assert (after.laptop, after.cloud, after.azurite) == (None, None, None)
    stop_services()


def test_two_commands_at_once_start_the_services_once(folder: Path) -> None:
    commands = [subprocess.Popen([*COMMAND, "up", "--json"], stdout=subprocess.PIPE, text=True) for _ in range(3)]
    outputs = {command.communicate()[0] for command in commands}
    assert [command.returncode for command in commands] == [0, 0, 0]
    assert len(outputs) == 1


def test_a_process_id_that_belongs_to_another_program(folder: Path) -> None:
    assert accepts_queries(laptop_url())
    stop_services()
    stale = folder / "laptop/data/postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{folder / 'laptop/data'}\n1\n1\n\n127.0.0.1\n1 1\nready\n")
    assert accepts_queries(laptop_url())


def test_a_port_that_another_program_uses_by_now(folder: Path) -> None:
    start_services(*SERVICES)
    before = local_outputs()
    stop_services()
    with socket.socket() as one, socket.socket() as two:
        for listener, port in (
            (one, before["postgres_port"]),
            (two, int(before["lake_url"].split(":")[2].split("/")[0])),
        ):
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", port))
            listener.listen()
        after = local_outputs()
        assert after["postgres_port"] != before["postgres_port"]
        assert after["lake_url"] != before["lake_url"]
        assert service_status().cloud and service_status().azurite


def test_a_port_that_a_server_opens_while_storage_starts(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    laptop_url()
    port = postgres_server("laptop").port()
    ports = iter([port])
    monkeypatch.setattr(detached_server, "free_port", lambda preferred: next(ports, None) or free_port(preferred))
    start_services("azurite")
    assert str(port) not in storage_server().url("lake")
    assert service_status().laptop and service_status().azurite


def test_storage_that_cannot_start_names_its_log(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = Path(sys.executable)  # it rejects the option, and ends
    monkeypatch.setattr(azurite, "node_path", lambda: python)
    with pytest.raises(JobError, match="Azurite does not start"):
        start_services("azurite")
    assert "unknown option" in (folder / "azurite" / "log").read_text(encoding="utf-8")
    assert not service_status().azurite


def test_a_port_that_is_still_free_is_used_again(folder: Path) -> None:
    before = local_outputs()
    stop_services()
    assert local_outputs() == before


def test_an_interrupted_initdb_is_repeated(folder: Path) -> None:
    half = folder / "laptop" / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18")
    assert accepts_queries(laptop_url())


def test_services_listen_on_loopback_only_and_require_a_password(folder: Path) -> None:
    url = laptop_url()
    with pytest.raises(psycopg2.OperationalError, match="password"):
        psycopg2.connect(url.replace(url.split(":")[2].split("@")[0], "wrong"))
    local_outputs()
    processes = [find_postmaster(folder / "laptop/data"), storage_server().find_process()]
    for process in processes:
        listening = [c.laddr.ip for c in process.net_connections("tcp") if c.status == psutil.CONN_LISTEN]
        assert listening and set(listening) == {"127.0.0.1"}


def test_a_folder_that_cannot_be_used_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    environment = {**os.environ, "JOBS_LOCAL": str(tmp_path / "file" / "local")}
    done = subprocess.run([*COMMAND, "up"], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr and str(tmp_path / "file") in done.stderr


def test_a_server_that_cannot_start_gives_the_reason(folder: Path) -> None:
    laptop_url()
    stop_services()
    (folder / "laptop/data/postgresql.conf").write_text("no_such_setting = 1\n")
    retry, postgres.RETRY_SECONDS = postgres.RETRY_SECONDS, 0
    try:
        with pytest.raises(JobError, match=r"no_such_setting|configuration file"):
            laptop_url()
    finally:
        postgres.RETRY_SECONDS = retry


def test_a_free_port_is_free() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        assert free_port(port) != port
