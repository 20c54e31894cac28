"""Runs of the project's pipeline, unchanged and with changed activities."""

import sys
import tempfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow.parquet as pq
import pytest

from jobs.errors import JobError
from jobs.pipeline.local_runner import copy_table
from jobs.pipeline.local_runner.run import run_locally
from jobs.storage.client import lake_container, list_blobs, pictures_container, upload_blob
from jobs.target import Target
from tests.jobs.pipeline.local_runner.adf_copy import DELETE, NAME, PIPELINE, Alter

ROWS, PICTURES = "Copy_Embeddings_PostgreSQL", "Copy_Images_BlobStorage"
QUERY = "activities.0.typeProperties.source.query"


@pytest.fixture
def filled(target: Target, fill: Callable[[int], None]) -> Target:
    """A target with three rows and their pictures."""
    fill(3)
    with pictures_container(target) as container:
        for number in (1, 2, 3):
            upload_blob(container, f"train/happy/{number}.jpg", bytes([number]))
    return target


def depends(*conditions: str, on: str = ROWS) -> list[dict[str, Any]]:
    return [{"activity": on, "dependencyConditions": list(conditions)}]


def test_the_project_s_pipeline(filled: Target) -> None:
    lines: list[str] = []
    run = run_locally(filled, NAME, {}, progress=lines.append)
    assert (run.pipeline, run.status, run.error) == (NAME, "Succeeded", None)
    assert str(UUID(run.run_id)) == run.run_id
    assert [(each.name, each.status) for each in run.activities] == [(ROWS, "Succeeded"), (PICTURES, "Succeeded")]
    with lake_container(filled) as lake:
        names = {blob.name for blob in list_blobs(lake, "")}
        data = lake.download_blob("embeddings/fer2013/imagenes_fer.parquet").readall()
    paths = pq.read_table(BytesIO(data))["filepath"].to_pylist()
    assert {path.removeprefix("raw/") for path in paths} == names - {"embeddings/fer2013/imagenes_fer.parquet"}
    assert sorted(line.partition(" after")[0] for line in lines) == sorted(
        f"{name}: {what}" for name in (ROWS, PICTURES) for what in ("started", "succeeded")
    )


def test_each_run_has_an_id_of_its_own(target: Target) -> None:
    assert run_locally(target, NAME, {}).run_id != run_locally(target, NAME, {}).run_id


def test_one_that_fails_does_not_stop_the_other(filled: Target, adf: Path, alter: Alter) -> None:
    alter(PIPELINE, QUERY, "SELECT absent FROM imagenes_fer")
    lines: list[str] = []
    run = run_locally(filled, NAME, {}, adf, lines.append)
    assert run.status == "Failed"
    assert [each.status for each in run.activities] == ["Failed", "Succeeded"]
    assert [each.attempts for each in run.activities] == [3, 1]
    assert run.error == f"Operation on target {ROWS} failed: {run.activities[0].error}"
    assert sum(line.startswith(f"{ROWS}: attempt ") for line in lines) == 2


def test_an_activity_that_depends_on_a_failed_one_is_skipped(filled: Target, adf: Path, alter: Alter) -> None:
    alter(PIPELINE, QUERY, "SELECT absent FROM imagenes_fer")
    alter(PIPELINE, "activities.1.dependsOn", depends("Succeeded"))
    run = run_locally(filled, NAME, {}, adf)
    rows, pictures = run.activities
    assert (run.status, pictures.status, pictures.attempts, pictures.output) == ("Failed", "Skipped", 0, {})
    assert run.error == f"Operation on target {ROWS} failed: {rows.error}"
    with lake_container(filled) as lake:
        assert list(list_blobs(lake, "")) == []


def test_a_failure_that_another_activity_handles(filled: Target, adf: Path, alter: Alter) -> None:
    alter(PIPELINE, QUERY, "SELECT absent FROM imagenes_fer")
    alter(PIPELINE, "activities.1.dependsOn", depends("Failed"))
    run = run_locally(filled, NAME, {}, adf)
    assert (run.status, run.error, run.activities[1].status) == ("Succeeded", None, "Succeeded")


def test_an_activity_s_output_is_used_by_the_next(filled: Target, adf: Path, alter: Alter) -> None:
    text = "@concat('copies/', activity('Copy_Embeddings_PostgreSQL').output.rowsCopied, '/', pipeline().RunId)"
    alter("dataset/DS_Lakehouse_Images", "parameters", {"folder": {"type": "String"}})
    folder = "typeProperties.location.folderPath"
    alter("dataset/DS_Lakehouse_Images", folder, {"value": "@dataset().folder", "type": "Expression"})
    alter(PIPELINE, "activities.1.outputs.0.parameters", {"folder": {"value": text, "type": "Expression"}})
    alter(PIPELINE, "activities.1.dependsOn", depends("Succeeded"))
    run = run_locally(filled, NAME, {}, adf)
    assert run.status == "Succeeded"
    with lake_container(filled) as lake:
        assert len(list(list_blobs(lake, f"copies/3/{run.run_id}/happy/"))) == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("@activity('Copy_Embeddings_PostgreSQL').output.rowsSkipped", "has no `rowsSkipped`"),
        (
            "@activity('Copy_Embeddings_PostgreSQL').output.rowsCopied",
            "wildcardFileName has to be text without a slash, in which",
        ),
    ],
)
def test_a_wrong_value_that_is_known_only_during_the_run(
    filled: Target, adf: Path, alter: Alter, text: str, message: str
) -> None:
    wildcard = "activities.1.typeProperties.source.storeSettings.wildcardFileName"
    alter(PIPELINE, wildcard, {"value": text, "type": "Expression"})
    alter(PIPELINE, "activities.1.dependsOn", depends("Succeeded"))
    pictures = run_locally(filled, NAME, {}, adf).activities[1]
    assert (pictures.status, pictures.attempts) == ("Failed", 0)
    assert message in str(pictures.error)


def test_nothing_runs_when_anything_is_wrong(filled: Target, adf: Path, alter: Alter) -> None:
    alter(PIPELINE, "activities.1.type", "Wait")
    with pytest.raises(JobError, match='the type "Wait" is not implemented'):
        run_locally(filled, NAME, {}, adf)
    with lake_container(filled) as lake:
        assert list(list_blobs(lake, "")) == []


@pytest.mark.parametrize("value", [[], DELETE])
def test_a_pipeline_without_activities(target: Target, adf: Path, alter: Alter, value: Any) -> None:
    alter(PIPELINE, "activities", value)
    run = run_locally(target, NAME, {}, adf)
    assert (run.status, run.activities) == ("Succeeded", ())


@pytest.mark.parametrize("query", [None, "SELECT 1 / (3000 - n) AS id FROM generate_series(1, 5000) n"])
def test_no_temporary_file_stays(
    filled: Target, adf: Path, alter: Alter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, query: str | None
) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    if query:
        alter(PIPELINE, QUERY, query)
        alter(PIPELINE, "activities.0.typeProperties.translator", DELETE)
    assert run_locally(filled, NAME, {}, adf).activities[0].status == ("Failed" if query else "Succeeded")
    assert list((tmp_path / "temporary").iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="a file keeps its name on Windows until the system deletes it")
def test_a_killed_process_leaves_no_temporary_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with copy_table.temporary_file() as file:
        file.write(b"rows")
        assert list(tmp_path.iterdir()) == []


def test_a_disk_that_cannot_be_written(filled: Target, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "absent"))
    rows = run_locally(filled, NAME, {}).activities[0]
    assert (rows.status, rows.attempts) == ("Failed", 3)
    assert "absent cannot hold a temporary file (" in str(rows.error)
    assert str(rows.error).endswith("): free some space there.")
