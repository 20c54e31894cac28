"""documents add, list, remove, search on the embedded server, by the command line."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from jobs.entry import main
from jobs.postgres.connection import fetch_value, open_connection
from jobs.target import Target


@pytest.fixture
def folder(laptop: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "pause.md").write_text("# Pause\n\nThe command pause stops the database server.")
    (tmp_path / "docs" / "costos.md").write_text("# Costos\n\nLa máquina cuesta doce dólares.", encoding="utf-8")
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> dict[str, Any]:
    assert main([*words, "--json"]) == status
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    return result


def add(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    return run(capsys, "documents", "add", *words, "--embed-model", "words")


def counts(result: dict[str, Any]) -> dict[str, int]:
    return {key: result[key] for key in ("documents", "added", "unchanged", "replaced", "removed") if result[key]}


def test_documents_follow_their_files(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert counts(add(capsys, "docs")) == {"documents": 2, "added": 2}
    assert counts(add(capsys, "docs", "docs/pause.md")) == {"documents": 2, "unchanged": 2}
    (folder / "docs" / "pause.md").write_text("# Pause\n\nIt ends everything.")
    (folder / "docs" / "costos.md").unlink()
    assert counts(add(capsys, "docs")) == {"documents": 1, "replaced": 1, "removed": 1}
    found = run(capsys, "documents", "search", "database server everything costos")["results"]
    assert [(each["document"], each["heading"], each["text"]) for each in found] == [
        ("docs/pause.md", "Pause", "It ends everything.")
    ]


def test_a_document_elsewhere_stays_when_a_folder_is_added(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "notes.txt").write_text("Something.")
    add(capsys, "docs", "notes.txt")
    (folder / "notes.txt").unlink()
    assert counts(add(capsys, "docs")) == {"documents": 3, "unchanged": 2}
    assert run(capsys, "documents", "remove", "notes.txt")["removed"] == ["notes.txt"]
    assert run(capsys, "documents", "remove", "docs")["removed"] == ["docs/costos.md", "docs/pause.md"]
    assert run(capsys, "documents", "list")["documents"] == []
    assert run(capsys, "documents", "remove", "docs", status=1)["kind"] == "not_found"


def test_failures_are_listed_and_the_run_goes_on(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "docs" / "a.pdf").write_bytes(b"%PDF-1.4 no")
    (folder / "docs" / "b.json").write_text("{")
    if os.name != "nt" and sys.platform != "darwin":
        (folder / "docs" / os.fsdecode(b"\xff.txt")).write_text("x")
    result = add(capsys, "docs")
    assert result["added"] == 2
    reasons = {Path(each["path"]).suffix: each["reason"] for each in result["failed"]}
    assert "damaged" in reasons[".pdf"] and "not valid JSON" in reasons[".json"]
    assert "rename it" in reasons.get(".txt", "rename it")
    assert add(capsys, "docs")["failed"] == result["failed"]


def test_a_link_to_itself_and_a_closed_folder_are_listed_and_nothing_of_them_is_removed(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "docs" / "sub").mkdir()
    (folder / "docs" / "sub" / "a.md").write_text("Inside.")
    add(capsys, "docs")
    if os.name != "nt":
        (folder / "docs" / "loop.md").symlink_to("loop.md")
        (folder / "docs" / "self").symlink_to(".")
    scandir = os.scandir

    def closed(path: str) -> Any:
        if Path(path).name == "sub":
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", closed)
    result = add(capsys, "docs")
    assert counts(result) == {"documents": 3, "unchanged": 2}
    reasons = {Path(each["path"]).name: each["reason"] for each in result["failed"]}
    assert reasons.pop("sub") == "the folder cannot be listed"
    assert os.name == "nt" or "symbolic links" in reasons["loop.md"]


def test_of_two_files_with_one_name_the_first_stays(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in "ab":
        (folder / name / "notes").mkdir(parents=True)
        (folder / name / "notes" / "same.md").write_text(f"Text of {name}.")
    (folder / "here").mkdir()
    os.chdir(folder / "here")
    for wanted in ({"documents": 1, "added": 1}, {"documents": 1, "unchanged": 1}):
        result = add(capsys, "../a/notes", "../b/notes")
        assert counts(result) == wanted and "another document notes/same.md" in result["failed"][0]["reason"]


def test_the_same_name_of_another_project_is_refused_and_a_moved_project_is_not(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    add(capsys, "docs")
    other = folder / "other"
    (other / "docs").mkdir(parents=True)
    (other / "docs" / "pause.md").write_text("Another text.")
    monkeypatch.chdir(other)
    result = add(capsys, "docs")
    assert "documents remove docs/pause.md" in result["failed"][0]["reason"] and result["documents"] == 2
    assert counts(add(capsys, "docs", "--collection", "mine")) == {"documents": 1, "added": 1}
    (folder / "docs" / "pause.md").unlink()  # the project moved: its old file is gone
    assert counts(add(capsys, "docs")) == {"documents": 2, "replaced": 1}


def test_spanish_is_found_without_its_accents(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add(capsys, "docs")
    for query in ("¿Cuánto cuesta la maquina?", "DOLARES", "máquinas"):
        (found,) = run(capsys, "documents", "search", query)["results"]
        assert (found["document"], found["by"], found["n"]) == ("docs/costos.md", "words", 1)
    assert run(capsys, "documents", "search", "¿qué es la de?")["results"] == []
    assert run(capsys, "documents", "search", "zebra")["results"] == []


@pytest.mark.parametrize("words", [("search", " "), ("search", "x", "--k", "0"), ("list", "--collection", " ")])
def test_wrong_usage_is_2(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "documents", *words, status=2)["kind"] == "usage"


def test_an_empty_collection_names_the_others(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "documents add PATH" in run(capsys, "documents", "search", "x", status=1)["error"]
    add(capsys, "docs")
    assert "documents" in run(capsys, "documents", "search", "x", "--collection", "b", status=1)["error"]


def test_a_killed_run_goes_on(folder: Path, laptop: Target, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(300):
        (folder / "docs" / f"{number}.txt").write_text(f"Document number {number}. " * 60)
    command = [sys.executable, "-m", "jobs", "documents", "add", "docs", "--embed-model", "words"]
    process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])})
    with open_connection(laptop) as db:
        deadline = time.monotonic() + 60
        done = 0
        while not done and time.monotonic() < deadline:
            done = fetch_value(db, "SELECT to_regclass('document') IS NOT NULL") and fetch_value(
                db, "SELECT count(*) FROM document"
            )
            db.rollback()
    os.kill(process.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    process.wait()
    result = add(capsys, "docs")
    assert result["documents"] == 302 and result["added"] + result["unchanged"] == 302 and result["unchanged"]
    with open_connection(laptop) as db:
        assert fetch_value(db, "SELECT count(*) FROM passage") == result["passages"]


def test_dropping_the_pictures_keeps_the_documents(
    folder: Path, laptop: Target, capsys: pytest.CaptureFixture[str]
) -> None:
    add(capsys, "docs")
    with open_connection(laptop) as db, db.cursor() as cursor:
        cursor.execute("DROP TABLE imagenes_fer CASCADE")
        db.commit()
    assert counts(add(capsys, "docs")) == {"documents": 2, "unchanged": 2}


def test_a_table_of_somebody_elses_is_refused_and_kept(
    folder: Path, laptop: Target, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_connection(laptop) as db, db.cursor() as cursor:
        cursor.execute("CREATE TABLE document (id bigint PRIMARY KEY, title text)")
        db.commit()
    error = run(capsys, "documents", "add", "docs", "--embed-model", "words", status=1)["error"]
    assert "0008_documents" in error and "no such tables of its own" in error
