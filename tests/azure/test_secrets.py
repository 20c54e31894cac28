"""No secret is told: not on the screen, in logs or tracebacks, nor in the arguments of programs that are started."""

import contextlib
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from urllib.parse import quote

import psutil
import pytest
from psycopg2 import sql

from jobs.postgres import parts
from jobs.target import Target
from tests.azure.cloud import Cloud
from tests.azure.postgres import FIREWALL, Gateway, stack
from tests.azure.programs import Program
from tests.azure.storage import Storage, refusal
from tests.conftest import administering
from tests.jobs.test_migrate import filled_url

PASSWORD = "marker-Pass/w:o@rd?'#%"
KEY = "bWFya2VyLWtleS1vZi10aGUtdGVzdHM="  # base64, as Azure's are
TOKEN = "marker-token-of-the-tests"
FORMS = (PASSWORD, quote(PASSWORD, safe=""), quote(PASSWORD), KEY, TOKEN, "marker-")
LOGS_EVERYTHING = "import logging\nlogging.basicConfig(level=logging.DEBUG)\n"
PICTURES, LAKE = "stferimagenes.blob.core.windows.net", "stferlakehouse.blob.core.windows.net"

__all__ = ["filled_url"]


@dataclass(frozen=True)
class World:
    """A stack whose outputs are in a file, and what plays it."""

    outputs: Path
    target: Target
    gateway: Gateway
    pictures: Storage
    lake: Storage
    source: str

    def changed(self, **values: str) -> None:
        self.outputs.write_text(json.dumps(asdict(replace(self.target, **values))))


@pytest.fixture
def role(target: Target) -> Iterator[str]:
    """An administrator of the server with the marker for a password."""
    admin = target.postgres_url(target.postgres_password)
    with administering(admin) as cursor:
        cursor.execute(sql.SQL("CREATE ROLE feradmin SUPERUSER LOGIN PASSWORD {}").format(sql.Literal(PASSWORD)))
    yield "feradmin"
    with administering(admin) as cursor:
        cursor.execute("DROP OWNED BY feradmin CASCADE")
        cursor.execute("DROP ROLE feradmin")


@pytest.fixture
def world(
    target: Target,
    role: str,
    gateway: Gateway,
    cloud: Cloud,
    filled_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> World:
    there = {"postgres_user": role, "postgres_password": PASSWORD, "storage_auth": "identity", "storage_key": KEY}
    urls = {"pictures_url": f"https://{PICTURES}/", "lake_url": f"https://{LAKE}/"}
    azure = replace(stack(target, gateway, **there, **urls), pipeline_runner="data_factory", factory_name="adf-fer")
    cloud.services[PICTURES], cloud.services[LAKE] = Storage(("imagenes",)), Storage(("raw",))
    source = parts(filled_url)
    monkeypatch.setenv("PGPASSWORD", source["password"])  # what a person would do, instead of writing it into the URL
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(tmp_path), str(Path.cwd()))))
    (tmp_path / "sitecustomize.py").write_text(LOGS_EVERYTHING)
    url = f"postgresql://{source['user']}@{source['host']}:{source['port']}/{source['dbname']}?sslmode=disable"
    made = World(tmp_path / "outputs.json", azure, gateway, cloud.services[PICTURES], cloud.services[LAKE], url)
    made.changed()
    return made


def jobs(world: World, *words: str) -> tuple[int, str, str]:
    """Run a command, everything logged; its status, all that it told, the arguments of the programs it started."""
    command = [sys.executable, "-X", "dev", "-m", "jobs", *words, "--outputs", str(world.outputs)]
    seen: set[str] = set()
    file = world.outputs.with_name("told")
    with file.open("w") as log, subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT) as process:
        while process.poll() is None:
            with contextlib.suppress(psutil.Error):
                for child in psutil.Process(process.pid).children(recursive=True):
                    seen.add(" ".join(child.cmdline()))
    told = file.read_text()
    assert not [form for form in FORMS if form in told], told
    assert not [line for line in seen for form in FORMS if form in line]
    return process.returncode, told, "\n".join(seen)


def test_what_goes_well(world: World, faces: Path) -> None:
    source = ("--source", world.source)
    for method in ("copy", "pg_dump"):
        status, told, programs = jobs(world, "migrate", "--method", method, *source, "--json")
        assert status == 0, told
    assert "pg_dump" in programs
    status, told, programs = jobs(world, "upload", str(faces), "--json")
    assert status == 0 and "DEBUG:" in told, told
    assert len(world.pictures.blobs) == 40
    assert "get-access-token" in programs
    status, told, _ = jobs(world, "verify", *source, "--json")
    assert status == 1 and '"rows_database": 40' in told, told
    assert jobs(world, "index", "--from", "database")[0] == 0


@pytest.mark.parametrize("command", ["migrate", "verify"])
@pytest.mark.parametrize("fault", ["password", "firewall", "lost"])
def test_a_database_that_does_not_play_along(world: World, command: str, fault: str) -> None:
    if fault == "password":
        world.changed(postgres_password=PASSWORD + "x")
    elif fault == "firewall":
        world.gateway.refusals += [("28000", FIREWALL.format("SSL encryption"))] * 5
    else:
        world.gateway.cut = 900  # right behind the login
    status, told, _ = jobs(world, command, "--source", world.source, "--json")
    assert status == 1 and "PostgreSQL at" in told, told


@pytest.mark.parametrize("auth", ["identity", "key"])
def test_storage_that_refuses(world: World, faces: Path, auth: str) -> None:
    world.changed(storage_auth=auth)
    answer = refusal(403, "AuthenticationFailed", "Server failed to authenticate the request.")
    world.pictures.faults.append(lambda request: answer)
    world.lake.faults.append(lambda request: answer)
    for words in (["upload", str(faces)], ["index"]):
        status, told, _ = jobs(world, *words, "--json")
        assert status == 1 and "az login" in told, told


def test_an_entra_token(world: World, az: Program) -> None:
    world.changed(postgres_auth="entra", postgres_password="")
    status, told, programs = jobs(world, "migrate", "--source", world.source)
    assert status == 1 and "does not take the password of feradmin" in told
    assert "ossrdbms-aad" in programs
    az.says("account get-access-token", status=1, err="ERROR: Please run 'az login'")
    assert "az login" in jobs(world, "migrate", "--source", world.source)[1]


def test_a_pipeline_that_cannot_be_reached(world: World) -> None:
    status, told, _ = jobs(world, "run-pipeline", "--json")
    assert status == 1 and "DEBUG" in told, told


def test_a_url_with_a_letter_that_is_not_quoted(world: World) -> None:
    status, told, _ = jobs(world, "migrate", "--source", "postgresql://ana:marker-x@y@host/db", "--json")
    assert status == 1 and "%40" in told


def test_values_show_no_secret(world: World, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("jobs").debug("%s %r", world.target, world.target)
    assert not [form for form in FORMS if form in caplog.text]
