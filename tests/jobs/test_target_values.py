"""The outputs of a stack: each value is of its kind, before anything is asked with it."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg2.extensions import parse_dsn

from jobs.entry import main
from jobs.errors import JobError
from jobs.target import Target
from jobs.target_values import SSL_MODES, find_problem

EMPTY = {name: "" for name in Target.__dataclass_fields__} | {"postgres_port": 5432}
WRONG = [
    ("postgres_sslmode", "disable&host=evil.example", "not one of disable"),
    ("postgres_auth", "nothing", "not one of password, entra"),
    ("storage_auth", "nothing", "not one of identity, key"),
    ("pipeline_runner", "nothing", "not one of data_factory, local"),
    ("pictures_url", "file:///etc/passwd", "not a URL of https"),
    ("pictures_url", "http://evil.example/", "not a URL of https"),
    ("pictures_url", "https://", "not a URL of https"),
    ("pictures_url", "https://[", "not a URL"),
    ("pictures_url", "https://h:99999/", "not a URL"),
    ("lake_url", "https://user:word@h/", "more than a host and a path"),
    ("lake_dfs_url", "https://h/?sig=x", "more than a host and a path"),
    ("vault_url", "https://a b/", "not a URL of https"),
    ("search_url", "\x1b[31m", "control characters"),
    ("factory_name", "a\nb", "control characters"),
    ("lake_container", "../etc", "not the name of a container"),
    ("postgres_host", "/run", "not the name of a server"),  # a folder is a Unix socket for libpq
    ("postgres_host", "a,b", "not the name of a server"),
    ("postgres_host", "h/x?hostaddr=1", "not the name of a server"),
    ("postgres_port", 0, "not the number of a port"),
    ("postgres_port", 65536, "not the number of a port"),
    ("postgres_port", True, "not the number of a port"),
    ("postgres_port", float("inf"), "not the number of a port"),
    ("postgres_port", [1], "not a number"),
    ("vault_name", ["x"], "not a text"),
    ("postgres_password", "\0", "not a text of the usual kind"),
]


@pytest.mark.parametrize(("name", "value", "problem"), WRONG)
def test_a_value_of_another_kind_is_refused(
    name: str, value: object, problem: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "outputs.json"
    file.write_text(json.dumps(EMPTY | {name: value}).replace("Infinity", "1e999"))
    assert main(["verify", "--outputs", str(file)]) == 1
    printed = capsys.readouterr().err
    assert f"The output {name} " in printed
    assert problem in printed


@pytest.mark.parametrize(
    "url", ["https://st.blob.core.windows.net/", "http://127.0.0.1:10000/lake", "http://[::1]:1/x"]
)
def test_urls_of_azure_and_of_the_emulator(url: str) -> None:
    assert find_problem("lake_url", url) is None


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({}, "no address of its storage"),
        ({"lake_url": "https://st.invalid/", "storage_auth": "key", "storage_key": "%%%"}, "not a key in base64"),
    ],
)
def test_storage_that_cannot_be_asked_is_named(
    values: dict[str, str], problem: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "outputs.json"
    file.write_text(json.dumps(EMPTY | values))
    assert main(["index", "--outputs", str(file)]) == 1
    assert problem in capsys.readouterr().err


@given(st.sampled_from(sorted(EMPTY)), st.text() | st.integers() | st.floats() | st.lists(st.text()))
def test_any_value_is_taken_or_refused(name: str, value: object) -> None:
    try:
        target = Target.from_outputs(EMPTY | {"postgres_host": "h", "postgres_sslmode": "disable", name: value}, "x")
    except JobError as error:
        assert str(error).startswith(("The output ", "The stack"))
    else:
        found = parse_dsn(target.postgres_url(target.postgres_password))
        assert found.get("sslmode", "disable") in (*SSL_MODES, "")  # libpq refuses an empty one
        assert "hostaddr" not in found
        assert set(asdict(target)) == set(EMPTY)
