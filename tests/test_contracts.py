"""What the halves of the project promise each other, proved by running infra/ against a recorder in Azure's place."""

import json
from dataclasses import fields

import pytest

from infra import adf_shape
from jobs.target import Target
from tests.infra.configuration import ROOT
from tests.infra.recorder import Program, run_program


@pytest.fixture(scope="module")
def program() -> Program:
    return run_program()


def test_exports_are_the_fields_of_target(program: Program) -> None:
    assert sorted(program.outputs) == sorted(each.name for each in fields(Target))


def test_target_reads_the_exports_as_the_cli_writes_them(program: Program) -> None:
    target = Target.from_outputs(json.loads(json.dumps(program.outputs)), "pulumi up")
    assert {each.name: getattr(target, each.name) for each in fields(Target)} == program.outputs
    assert target.postgres_url("p") == (
        "postgresql://feradmin:p@psql-fer.postgres.database.azure.com:5432/fer_vct?sslmode=verify-full"
    )
    assert target.lake_dfs_url == "https://stferlakehouse.dfs.core.windows.net/"
    assert (target.pictures_container, target.lake_container) == ("imagenes", "raw")


def test_the_password_is_the_one_secret_export(program: Program) -> None:
    assert program.secrets == {"postgres_password"}


def test_linked_services_find_every_output_and_the_vaults_secret(program: Program) -> None:
    paths = sorted((ROOT / "adf" / "linkedService").glob("*.json"))
    bound = [adf_shape.bind(json.loads(path.read_text(encoding="utf-8")), program.outputs) for path in paths]
    passwords = [each["properties"].get("typeProperties", {}).get("password") for each in bound]
    asked = [password["secretName"] for password in passwords if password]
    assert asked == [program.only("Secret").inputs["secretName"]]
