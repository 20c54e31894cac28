"""index, search and export at the command line: which options can be combined, and what is printed on stdout."""

import json
import subprocess
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from jobs.local.services import postgres_server
from jobs.migrate.run import migrate_table
from jobs.target import Target
from tests.jobs.cli_process import run_jobs


def jobs_json(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return run_jobs(*arguments, "--json")


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["--from", "lake", "--to", "database"], "leave --from out"),
        (["--from", "database", "--to", "lake"], "leave --from out"),
        (["--halfvec"], "--from database"),
        (["--from", "database", "--to", "azure-search", "--halfvec"], "--from database"),
        (["--from", "azure-search"], "azure-search"),
    ],
)
def test_options_that_cannot_be_combined_are_wrong_usage(arguments: list[str], part: str) -> None:
    done = jobs_json("index", *arguments)
    assert done.returncode == 2
    assert part in json.loads(done.stdout)["error"]
    assert "Traceback" not in done.stderr


def test_an_index_in_the_database_from_a_shell(laptop: Target, filled_url: str) -> None:
    migrate_table(filled_url, postgres_server("cloud").url())
    results = [
        json.loads(jobs_json("index", *arguments).stdout)
        for arguments in (["--from", "database"], ["--to", "database"])
    ]
    assert [(each["place"], each["rows"], each["built"], each["recall_at_10"]) for each in results] == [
        ("database", 40, True, 1.0),
        ("database", 40, False, 1.0),
    ]
    assert json.loads(jobs_json("index", "--from", "database", "--halfvec", "--rebuild").stdout)["halfvec"]


def test_azure_search_needs_a_stack_that_has_it(laptop: Target, drawn_faces: Path) -> None:
    face = str(next(drawn_faces.rglob("*.jpg")))
    for arguments in (["index", "--to", "azure-search"], ["search", face, "--from", "azure-search"]):
        done = jobs_json(*arguments)
        assert done.returncode == 1
        assert "`pulumi config set search free`" in json.loads(done.stdout)["error"]
        assert "Traceback" not in done.stderr


def test_export_from_a_shell(laptop: Target, filled_url: str, tmp_path: Path) -> None:
    migrate_table(filled_url, postgres_server("cloud").url())
    file = tmp_path / "vectors.parquet"
    done = jobs_json("export", str(file))
    result = json.loads(done.stdout)
    assert (done.returncode, result["rows"], result["file"], result["bytes"]) == (0, 40, str(file), file.stat().st_size)
    assert pq.read_metadata(file).num_rows == 40
    missing = jobs_json("export", str(tmp_path / "no" / "vectors.parquet"))
    assert missing.returncode == 1
    assert "cannot be written" in json.loads(missing.stdout)["error"]


def test_export_has_help_with_an_example() -> None:
    done = run_jobs("export", "--help")
    assert done.returncode == 0
    assert "Example: python -m jobs export" in done.stdout
