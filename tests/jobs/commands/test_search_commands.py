"""index, search and export at the command line: which options go together, and what stands on stdout."""

import json
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from jobs.local.services import postgres_server
from jobs.migrate.run import migrate_table
from jobs.target import Target


def jobs(*arguments: str) -> "subprocess.CompletedProcess[str]":
    words = [sys.executable, "-m", "jobs", *arguments, "--json"]
    return subprocess.run(words, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--from", "lake", "--to", "database"], "leave --from out"),
        (["--from", "database", "--to", "lake"], "leave --from out"),
        (["--halfvec"], "--from database"),
        (["--from", "database", "--to", "azure-search", "--halfvec"], "--from database"),
        (["--from", "azure-search"], "azure-search"),
    ],
)
def test_what_does_not_go_together_is_wrong_usage(arguments: list[str], said: str) -> None:
    done = jobs("index", *arguments)
    assert done.returncode == 2
    assert said in json.loads(done.stdout)["error"]
    assert "Traceback" not in done.stderr


def test_an_index_in_the_database_from_a_shell(laptop: Target, filled_url: str) -> None:
    migrate_table(filled_url, postgres_server("cloud").url())
    made = [
        json.loads(jobs("index", *arguments).stdout) for arguments in (["--from", "database"], ["--to", "database"])
    ]
    assert [(each["place"], each["rows"], each["built"], each["recall_at_10"]) for each in made] == [
        ("database", 40, True, 1.0),
        ("database", 40, False, 1.0),
    ]
    assert json.loads(jobs("index", "--from", "database", "--halfvec", "--rebuild").stdout)["halfvec"]


def test_azure_search_wants_a_stack_that_has_it(laptop: Target, drawn: Path) -> None:
    face = str(next(drawn.rglob("*.jpg")))
    for arguments in (["index", "--to", "azure-search"], ["search", face, "--from", "azure-search"]):
        done = jobs(*arguments)
        assert done.returncode == 1
        assert "`pulumi config set search free`" in json.loads(done.stdout)["error"]
        assert "Traceback" not in done.stderr


def test_export_from_a_shell(laptop: Target, filled_url: str, tmp_path: Path) -> None:
    migrate_table(filled_url, postgres_server("cloud").url())
    file = tmp_path / "vectors.parquet"
    done = jobs("export", str(file))
    told = json.loads(done.stdout)
    assert (done.returncode, told["rows"], told["file"], told["bytes"]) == (0, 40, str(file), file.stat().st_size)
    assert pq.read_metadata(file).num_rows == 40
    missing = jobs("export", str(tmp_path / "no" / "vectors.parquet"))
    assert missing.returncode == 1
    assert "cannot be written" in json.loads(missing.stdout)["error"]


def test_export_has_help_with_an_example() -> None:
    words = [sys.executable, "-m", "jobs", "export", "--help"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert "Example: python -m jobs export" in done.stdout
