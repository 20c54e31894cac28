"""A server that lives and does not answer for a moment is waited for, named, and never taken for one that is gone."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Timer

import psutil
import psycopg2
import pytest

from jobs.errors import JobError
from jobs.local import detached_server, postgres
from jobs.local.postmaster import find_postmaster
from jobs.local.services import (
    laptop_url,
    local_outputs,
    postgres_server,
    service_status,
    start_services,
    stop_services,
    storage_server,
)
from tests.processes import suspend_process

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
COMMAND = [sys.executable, "-m", "jobs", "local"]
STRAY_VARIABLES = {
    "PGSERVICE": "no_such_service",
    "PGHOSTADDR": "192.0.2.1",
    "PGOPTIONS": "-c no_such_setting=1",
    "PGSSLNEGOTIATION": "direct",
    "PGCHANNELBINDING": "require",
    "PGSSLMODE": "verify-full",
    "PGDATESTYLE": "no_such_style",
}


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """The folder of services that the tests of this file share. Each test leaves them running."""
    with tempfile.TemporaryDirectory(prefix="jobs-") as name, pytest.MonkeyPatch.context() as patch:
        patch.setenv("JOBS_LOCAL", name)
        yield Path(name).resolve()
        stop_services()


@pytest.fixture
def postmaster(folder: Path) -> Iterator[psutil.Process]:
    """The process of the laptop's server. It is the same one, on the same port, after the test."""
    start_services("laptop")
    server = postgres_server("laptop")
    process, port = find_postmaster(server.data), server.port()
    yield process
    process.resume()
    start_services("laptop")
    assert find_postmaster(server.data) == process
    assert server.port() == port == int((folder / "laptop/port").read_text())


@pytest.fixture
def emulator(folder: Path) -> Iterator[psutil.Process]:
    """The process of Azurite. It is the same one, on the same port, after the test."""
    start_services("azurite")
    process, url = storage_server().find_process(), storage_server().url("lake")
    assert process is not None
    yield process
    process.resume()
    start_services("azurite")
    assert storage_server().find_process() == process
    assert storage_server().url("lake") == url


def kill_a_backend() -> None:
    """Kill the server process of one connection. PostgreSQL then ends all others, and recovers."""
    with closing(psycopg2.connect(postgres_server("laptop").url())) as db:
        os.kill(db.info.backend_pid, signal.SIGKILL)


def test_no_server_is_lost_when_a_backend_is_killed(postmaster: psutil.Process) -> None:
    for trial in range(20):
        kill_a_backend()
        time.sleep(0.05 * (trial % 10))
        with closing(psycopg2.connect(laptop_url())) as db, db.cursor() as cursor:
            cursor.execute("SELECT 1")


def test_two_commands_that_start_during_a_recovery(postmaster: psutil.Process) -> None:
    kill_a_backend()
    commands = [subprocess.Popen([*COMMAND, "up", "--json"], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    outputs = {command.communicate()[0] for command in commands}
    assert [command.returncode for command in commands] == [0, 0]
    assert len(outputs) == 1


def test_a_server_without_a_free_connection_is_waited_for(
    postmaster: psutil.Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = []
    with pytest.raises(psycopg2.OperationalError, match=r"too many clients|connection slots"):
        while True:
            held.append(psycopg2.connect(postgres_server("laptop").url()))
    monkeypatch.setattr(postgres, "ANSWER_SECONDS", 0)
    with pytest.raises(JobError, match=r"`laptop`: it has no connection left .* close other programs"):
        laptop_url()
    monkeypatch.undo()
    assert "no connection left" in service_status().unanswered["laptop"]
    Timer(2, lambda: [db.close() for db in held]).start()
    assert laptop_url()


def test_a_server_that_is_stopped_for_a_while_is_waited_for(postmaster: psutil.Process) -> None:
    suspend_process(postmaster)
    Timer(8, postmaster.resume).start()
    assert laptop_url()


def test_a_server_that_stays_stopped_is_named(postmaster: psutil.Process, monkeypatch: pytest.MonkeyPatch) -> None:
    suspend_process(postmaster)
    monkeypatch.setattr(postgres, "ANSWER_SECONDS", 1)
    with pytest.raises(JobError, match=rf"is stopped.*kill -CONT {postmaster.pid}.*local down"):
        laptop_url()
    monkeypatch.undo()
    status = service_status()
    assert status.laptop is None
    assert f"process {postmaster.pid} is stopped" in status.summary()
    os.kill(postmaster.pid, signal.SIGCONT)
    assert laptop_url()


def test_local_down_ends_a_stopped_server(folder: Path) -> None:
    start_services("laptop", "azurite")
    processes = [find_postmaster(folder / "laptop/data"), storage_server().find_process()]
    for process in processes:
        suspend_process(process)
    assert subprocess.run([*COMMAND, "down"], check=False).returncode == 0
    assert not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes)
    assert laptop_url()


def test_variables_of_libpq_lead_to_no_other_server(
    postmaster: psutil.Process, emulator: psutil.Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in STRAY_VARIABLES.items():
        monkeypatch.setenv(name, value)
    for command in (["up"], ["status"], ["psql", "laptop", "-c", "SELECT 1"]):
        done = subprocess.run([*COMMAND, *command], capture_output=True, text=True, check=False)
        assert (done.returncode, "not running" in done.stdout) == (0, False), done.stderr + done.stdout
    assert postgres_server("laptop").is_running()


def test_a_first_start_among_variables_of_libpq(services_folder: Path) -> None:
    environment = {**os.environ, **STRAY_VARIABLES, "JOBS_LOCAL": str(services_folder)}
    started = subprocess.run([*COMMAND, "up"], env=environment, capture_output=True, text=True, check=False)
    stopped = subprocess.run([*COMMAND, "down"], env=environment, capture_output=True, text=True, check=False)
    assert (started.returncode, stopped.returncode) == (0, 0), started.stderr + stopped.stderr


def test_a_process_id_that_belongs_to_another_postgresql(postmaster: psutil.Process, folder: Path) -> None:
    local_outputs()
    data = folder / "cloud/data"
    postgres_server("cloud").stop()
    content = (folder / "laptop/data/postmaster.pid").read_bytes()
    (data / "postmaster.pid").write_bytes(content)
    assert find_postmaster(data) is None
    outputs = local_outputs()
    assert outputs["postgres_port"] != postgres_server("laptop").port()


def test_an_emulator_that_is_stopped_is_waited_for(emulator: psutil.Process, monkeypatch: pytest.MonkeyPatch) -> None:
    suspend_process(emulator)
    Timer(8, emulator.resume).start()
    start_services("azurite")
    monkeypatch.setattr(detached_server, "ANSWER_SECONDS", 0)
    suspend_process(emulator)
    with pytest.raises(JobError, match=rf"Azurite: its process {emulator.pid} is stopped.*local down"):
        start_services("azurite")
    assert "is stopped" in service_status().unanswered["azurite"]


@pytest.mark.parametrize("content", [None, "", "{", "[]", '{"pid": "x", "created": 1, "port": 1}', "other port"])
def test_a_record_of_the_emulator_that_is_wrong_corrects_itself(
    emulator: psutil.Process, folder: Path, content: str | None
) -> None:
    record = folder / "azurite/process.json"
    before = json.loads(record.read_text())
    if content is None:
        record.unlink()
    else:
        record.write_text(json.dumps({**before, "port": 1}) if content == "other port" else content)
    assert service_status().azurite
    start_services("azurite")
    assert json.loads(record.read_text()) == before
