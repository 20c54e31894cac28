"""No secret appears on the screen, in logs, in tracebacks, or in the arguments of programs that are started."""

import logging
import os
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from psycopg2 import sql

from jobs.postgres.connection import connection_params
from jobs.target import Target
from tests.azure_fakes.azure import SUBSCRIPTION
from tests.azure_fakes.blob_storage import StorageAccount, error_response
from tests.azure_fakes.cloud import Cloud
from tests.azure_fakes.data_factory import DataFactory
from tests.azure_fakes.factory_answers import GROUP as IN_GROUP
from tests.azure_fakes.factory_answers import OUTPUTS, trigger
from tests.azure_fakes.flexible_server import put_server
from tests.azure_fakes.played_azure import PlayedAzure
from tests.azure_fakes.postgres_gateway import FIREWALL, Gateway, gateway_target
from tests.databases import administering
from tests.fake_programs import FakeProgram
from tests.jobs.teardown.teardown_cli import OUTPUTS as STACK_OUTPUTS
from tests.secret_scan import FORMS, KEY, LOG_EVERYTHING, PASSWORD, SecretStack

PICTURES, LAKE = "stferimagenes.blob.core.windows.net", "stferlakehouse.blob.core.windows.net"


@pytest.fixture
def role(target: Target) -> Iterator[str]:
    """An administrator of the server, with the marker as password."""
    admin = target.postgres_url(target.postgres_password)
    with administering(admin) as cursor:
        cursor.execute(sql.SQL("CREATE ROLE feradmin SUPERUSER LOGIN PASSWORD {}").format(sql.Literal(PASSWORD)))
    yield "feradmin"
    with administering(admin) as cursor:
        cursor.execute("DROP OWNED BY feradmin CASCADE")
        cursor.execute("DROP ROLE feradmin")


@pytest.fixture
def stack(
    target: Target,
    role: str,
    gateway: Gateway,
    cloud: Cloud,
    filled_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> SecretStack:
    access = {"postgres_user": role, "postgres_password": PASSWORD, "storage_auth": "identity", "storage_key": KEY}
    urls = {"pictures_url": f"https://{PICTURES}/", "lake_url": f"https://{LAKE}/"}
    azure = replace(
        gateway_target(target, gateway, **access, **urls), pipeline_runner="data_factory", factory_name="adf-fer"
    )
    cloud.services[PICTURES], cloud.services[LAKE] = StorageAccount(("imagenes",)), StorageAccount(("raw",))
    source = connection_params(filled_url)
    monkeypatch.setenv("PGPASSWORD", source["password"])  # as a user would, instead of writing it into the URL
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(tmp_path), str(Path.cwd()))))
    (tmp_path / "sitecustomize.py").write_text(LOG_EVERYTHING)
    url = f"postgresql://{source['user']}@{source['host']}:{source['port']}/{source['dbname']}?sslmode=disable"
    created = SecretStack(
        tmp_path / "outputs.json", azure, gateway, cloud.services[PICTURES], cloud.services[LAKE], url
    )
    created.write_outputs()
    return created


def test_commands_that_succeed(stack: SecretStack, faces: Path, tmp_path: Path) -> None:
    source = ("--source", stack.source)
    for method in ("copy", "pg_dump"):
        status, output, programs = stack.run("migrate", "--method", method, *source, "--json")
        assert status == 0, output
    assert "pg_dump" in programs
    status, output, programs = stack.run("upload", str(faces), "--json")
    assert status == 0 and "DEBUG:" in output, output
    assert len(stack.pictures.blobs) == 40
    assert "get-access-token" in programs
    status, output, _ = stack.run("verify", *source, "--json")
    assert status == 1 and '"rows_database": 40' in output, output
    assert stack.run("index", "--from", "database")[0] == 0
    assert stack.run("export", str(tmp_path / "vectors.parquet"))[0] == 0


@pytest.mark.parametrize("command", ["migrate", "verify"])
@pytest.mark.parametrize("fault", ["password", "firewall", "lost"])
def test_a_database_that_refuses_or_disconnects(stack: SecretStack, command: str, fault: str) -> None:
    if fault == "password":
        stack.write_outputs(postgres_password=PASSWORD + "x")
    elif fault == "firewall":
        stack.gateway.refusals += [("28000", FIREWALL.format("SSL encryption"))] * 5
    else:
        stack.gateway.cut_after = 900  # just after the login
    status, output, _ = stack.run(command, "--source", stack.source, "--json")
    assert status == 1 and "PostgreSQL at" in output, output


@pytest.mark.parametrize("auth", ["identity", "key"])
def test_storage_that_refuses(stack: SecretStack, faces: Path, auth: str) -> None:
    stack.write_outputs(storage_auth=auth)
    source = ("--source", stack.source)
    answer = error_response(403, "AuthenticationFailed", "Server failed to authenticate the request.")
    stack.pictures.faults.append(lambda request: answer)
    stack.lake.faults.append(lambda request: answer)
    picture = str(next(faces.rglob("*.jpg")))
    for words in (["upload", str(faces)], ["index"], ["search", picture], ["embed", "--from-blob", *source]):
        status, output, _ = stack.run(*words, "--json")
        assert status == 1 and "az login" in output, output


def test_an_entra_token(stack: SecretStack, az: FakeProgram) -> None:
    stack.write_outputs(postgres_auth="entra", postgres_password="")
    status, output, programs = stack.run("migrate", "--source", stack.source)
    assert status == 1 and "does not accept the password of feradmin" in output
    assert "ossrdbms-aad" in programs
    az.set_output("account get-access-token", status=1, err="ERROR: Please run 'az login'")
    assert "az login" in stack.run("migrate", "--source", stack.source)[1]


def test_a_pipeline_without_a_factory(stack: SecretStack) -> None:
    status, output, _ = stack.run("run-pipeline", "--json")
    assert status == 1 and "DEBUG" in output, output


def test_a_url_with_a_character_that_is_not_quoted(stack: SecretStack) -> None:
    status, output, _ = stack.run("migrate", "--source", "postgresql://ana:marker-x@y@host/db", "--json")
    assert status == 1 and "%40" in output


def test_the_commands_that_operate_a_stack(stack: SecretStack, cloud: Cloud, tmp_path: Path) -> None:
    factory = {name: str(OUTPUTS[name]) for name in ("subscription_id", "resource_group", "factory_name")}
    stack.write_outputs(**factory)
    played = PlayedAzure(cloud)
    put_server(played.azure, f"{IN_GROUP}/providers/Microsoft.DBforPostgreSQL/flexibleServers/psql-fer")
    data_factory = DataFactory(played.azure)
    data_factory.trigger = trigger()
    played.manager.providers.insert(0, data_factory.from_resource_manager)
    for words in (["runs"], ["trigger", "start"], ["pause", "--target", "dev"], ["resume", "--target", "dev"]):
        status, output, _ = stack.run(*words)
        assert status == 0 and "DEBUG:" in output, output


def test_the_commands_that_ask_pulumi(stack: SecretStack, cloud: Cloud, az: FakeProgram, programs: Path) -> None:
    az.set_output("account show", {"id": SUBSCRIPTION, "user": {"name": "ana@example.edu", "type": "user"}})
    pulumi = FakeProgram(programs, "pulumi")
    pulumi.set_output("version", "v3.272.0\n")
    pulumi.set_output("whoami", "ana\n")
    pulumi.set_output("stack output", asdict(stack.target) | STACK_OUTPUTS)
    pulumi.set_output("destroy", "Resources: 42 deleted\n")
    PlayedAzure(cloud)
    for words in (["doctor"], ["models", "preflight"], ["cost", "--credit", "80"], ["teardown", "--yes"]):
        status, output, _ = stack.run_logged(*words, "--target", "dev", "--json")
        assert status in (0, 1) and "DEBUG:" in output, output
    assert ["destroy"] in [call[:1] for call in pulumi.calls()]


def test_the_repr_of_a_target_shows_no_secret(stack: SecretStack, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("jobs").debug("%s %r", stack.target, stack.target)
    assert not [form for form in FORMS if form in caplog.text]
