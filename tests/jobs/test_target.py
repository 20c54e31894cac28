"""Target: the values of a stack, from its outputs."""

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
from psycopg2.extensions import parse_dsn

from jobs.failure import Failure
from jobs.target import Target, load_target

OUTPUTS = {
    "subscription_id": "s",
    "postgres_host": "psql-fer.postgres.database.azure.com",
    "postgres_port": 5432,
    "postgres_database": "fer_vct",
    "postgres_user": "feradmin",
    "postgres_password": "it's a secret/@:?#%",
    "postgres_sslmode": "verify-full",
    "storage_key": "another secret",
}


def outputs() -> dict[str, object]:
    """A whole set, whatever fields there are."""
    return {name: "x" for name in Target.__dataclass_fields__} | OUTPUTS


def pulumi(folder: Path, code: str) -> None:
    """A program called pulumi that runs `code`."""
    program = folder / "pulumi"
    program.write_text(f"#!{sys.executable}\nimport json, sys\n{code}\n")
    program.chmod(0o755)


def test_values_come_through_and_secrets_stay_out_of_sight() -> None:
    target = Target.from_outputs({**outputs(), "something_else": 1}, "pulumi up")
    assert asdict(target)["postgres_port"] == 5432
    assert "secret" not in repr(target)


def test_numbers_that_pulumi_made_texts_or_fractions() -> None:
    assert Target.from_outputs({**outputs(), "postgres_port": 5432.0}, "pulumi up").postgres_port == 5432
    assert Target.from_outputs({**outputs(), "postgres_port": "5432"}, "pulumi up").postgres_port == 5432


def test_every_missing_output_is_named_at_once_with_the_command() -> None:
    found = outputs()
    del found["lake_url"], found["vault_url"]
    with pytest.raises(Failure, match=r"lake_url, vault_url.*pulumi up --stack dev"):
        Target.from_outputs(found, "pulumi up --stack dev")


def test_any_password_fits_into_the_url() -> None:
    target = Target.from_outputs(outputs(), "pulumi up")
    parts = parse_dsn(target.postgres_url(target.postgres_password))
    assert parts["password"] == OUTPUTS["postgres_password"]
    assert (parts["host"], parts["dbname"], parts["sslmode"]) == (target.postgres_host, "fer_vct", "verify-full")


posix = pytest.mark.skipif(os.name == "nt", reason="a script is no program there")


@posix
def test_a_stack_is_asked_for_its_outputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "outputs.json").write_text(json.dumps(outputs()))
    wanted = ["stack", "output", "--json", "--show-secrets", "--stack", "dev"]
    pulumi(tmp_path, f"assert sys.argv[1:] == {wanted}\nprint(open({str(tmp_path / 'outputs.json')!r}).read())")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert load_target("dev").postgres_host == OUTPUTS["postgres_host"]


@posix
@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("sys.exit(\"error: no stack named 'dev' found\")", "no stack `dev`.*pulumi stack ls"),
        ("print('{}')", "no outputs.*pulumi up --stack dev"),
    ],
)
def test_a_stack_that_cannot_tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, sentence: str) -> None:
    pulumi(tmp_path, code)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Failure, match=sentence):
        load_target("dev")


def test_without_the_pulumi_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Failure, match="not installed"):
        load_target("dev")
