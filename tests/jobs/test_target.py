"""Target: the values of a stack, from its outputs."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from psycopg2.extensions import parse_dsn

from jobs.errors import JobError
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
    """All outputs, whatever fields Target has."""
    return dict.fromkeys(Target.__dataclass_fields__, "") | OUTPUTS


def test_values_are_read_and_secrets_are_hidden() -> None:
    target = Target.from_outputs({**outputs(), "something_else": 1}, "pulumi up")
    assert asdict(target)["postgres_port"] == 5432
    assert "secret" not in repr(target)


def test_numbers_that_pulumi_printed_as_text_or_fractions() -> None:
    assert Target.from_outputs({**outputs(), "postgres_port": 5432.0}, "pulumi up").postgres_port == 5432
    assert Target.from_outputs({**outputs(), "postgres_port": "5432"}, "pulumi up").postgres_port == 5432


def test_every_missing_output_is_named_at_once_with_the_command() -> None:
    incomplete = outputs()
    del incomplete["lake_url"], incomplete["vault_url"]
    with pytest.raises(JobError, match=r"lake_url, vault_url.*pulumi up --stack dev"):
        Target.from_outputs(incomplete, "pulumi up --stack dev")


def test_any_password_fits_into_the_url() -> None:
    target = Target.from_outputs(outputs(), "pulumi up")
    parts = parse_dsn(target.postgres_url(target.postgres_password))
    assert parts["password"] == OUTPUTS["postgres_password"]
    assert (parts["host"], parts["dbname"], parts["sslmode"]) == (target.postgres_host, "fer_vct", "verify-full")


def test_a_port_that_is_not_a_number_is_reported() -> None:
    with pytest.raises(JobError, match=r"postgres_port is not a number: run `pulumi up`"):
        Target.from_outputs({**outputs(), "postgres_port": "marker"}, "pulumi up")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_of_outputs_is_used_instead_of_the_name(tmp_path: Path, encoding: str) -> None:
    """In PowerShell, `>` writes UTF-16, or UTF-8 with a byte order mark."""
    file = tmp_path / "outputs.json"
    file.write_text(json.dumps(outputs()), encoding=encoding)
    for name in ("local", "dev", "no-such-stack"):
        assert load_target(name, file).postgres_host == OUTPUTS["postgres_host"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (None, r"no file .*outputs\.json.*pulumi stack output --json --show-secrets"),
        ("", r"is not valid JSON.*--show-secrets"),
        ('{"postgres_password": "mark', r"is not valid JSON.*--show-secrets"),
        ('["marker"]', r"does not hold the outputs.*--show-secrets"),
        ("{}", r"no output subscription_id.*pulumi stack output --json --show-secrets"),
        (json.dumps({**outputs(), "postgres_password": "[secret]"}), r"hidden.*--show-secrets"),
    ],
)
def test_a_file_without_outputs_is_reported(tmp_path: Path, text: str | None, sentence: str) -> None:
    file = tmp_path / "outputs.json"
    if text is not None:
        file.write_text(text)
    with pytest.raises(JobError, match=sentence) as failure:
        load_target("dev", file)
    assert "mark" not in str(failure.value)


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    file = tmp_path / "outputs.json"
    file.write_bytes(b"\xff\x00\x80")
    with pytest.raises(JobError, match="is not valid JSON"):
        load_target("dev", file)
