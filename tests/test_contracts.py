"""The contract between infra/ and jobs/, checked by running infra/ against a recorder instead of Azure."""

import json
from dataclasses import fields

import pytest

from infra import adf_shape, retries
from jobs.doctor import machine
from jobs.errors import JobError
from jobs.local.roles import ROLES
from jobs.pipeline import documents
from jobs.target import Target
from jobs.teardown import destruction
from tests.infra.configuration import PROJECT, ROOT
from tests.infra.recorder import Program, run_program


@pytest.fixture(scope="module")
def program() -> Program:
    return run_program()


def test_both_halves_retry_the_same_passing_errors() -> None:
    assert destruction.TRANSIENT_ERRORS.pattern == retries.TRANSIENT.pattern


def test_doctor_asks_for_the_pulumi_that_the_project_requires() -> None:
    assert PROJECT["requiredPulumiVersion"] == f">={machine.MIN_PULUMI}.0" == ">=3.260.0"


def test_exports_are_the_fields_of_target(program: Program) -> None:
    assert sorted(program.outputs) == sorted(each.name for each in fields(Target))


def test_target_reads_the_exports_as_the_cli_prints_them(program: Program) -> None:
    target = Target.from_outputs(json.loads(json.dumps(program.outputs)), "pulumi up")
    assert {each.name: getattr(target, each.name) for each in fields(Target)} == program.outputs
    assert target.postgres_url("p") == (
        "postgresql://feradmin:p@psql-fer.postgres.database.azure.com:5432/fer_vct?sslmode=verify-full"
    )
    assert target.lake_dfs_url == "https://stferlakehouse.dfs.core.windows.net/"
    assert (target.pictures_container, target.lake_container) == ("imagenes", "raw")


def test_passwords_are_the_only_secret_exports(program: Program) -> None:
    assert program.secrets == {"postgres_password", "postgres_reader_password", "postgres_writer_password"}


def test_linked_services_name_only_outputs_and_the_vaults_secret(program: Program) -> None:
    paths = sorted((ROOT / "adf" / "linkedService").glob("*.json"))
    bound = [adf_shape.bind(json.loads(path.read_text(encoding="utf-8")), program.outputs, path.name) for path in paths]
    passwords = [each["properties"].get("typeProperties", {}).get("password") for each in bound]
    secrets = [password["secretName"] for password in passwords if password]
    assert secrets == [program.named("postgres-reader-password").inputs["secretName"]]


def test_both_halves_name_the_same_roles(program: Program) -> None:
    assert (program.outputs["postgres_reader_user"], program.outputs["postgres_writer_user"]) == ROLES


FILE, VALUES = "adf/linkedService/LS.json", {"host": "h", "port": 5432, "empty": "", "nested": "${host}"}


@pytest.mark.parametrize(
    ("node", "bound"),
    [
        ("${host}", "h"),
        ("${port}", 5432),
        ({"a": ["${empty}", {"b": "${nested}"}]}, {"a": ["", {"b": "${host}"}]}),
        ("@{pipeline().RunId}", "@{pipeline().RunId}"),
        ("$host and {host}", "$host and {host}"),
        ([None, True, 7, 1.5, ""], [None, True, 7, 1.5, ""]),
    ],
)
def test_both_halves_bind_the_same_placeholders(node: object, bound: object) -> None:
    assert adf_shape.bind(node, VALUES, FILE) == bound
    assert documents.bind(node, VALUES, FILE) == bound


@pytest.mark.parametrize(
    "leaf", ["https://${host}/b", "${host}${port}", "${host}\n", "${ host }", "${}", "${host", "${a-b}", "${hots}"]
)
def test_both_halves_refuse_the_same_placeholders_and_name_the_file_and_the_leaf(leaf: str) -> None:
    with pytest.raises(ValueError, match=FILE) as infra_error:
        adf_shape.bind({"deep": [leaf]}, VALUES, FILE)
    with pytest.raises(JobError, match=FILE) as job_error:
        documents.bind({"deep": [leaf]}, VALUES, FILE)
    assert leaf in str(infra_error.value) or repr(leaf) in str(infra_error.value)
    assert str(job_error.value) == f"{infra_error.value}."
