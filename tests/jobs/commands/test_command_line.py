"""The command line for people and for scripts: exit status, stdout and stderr."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import psycopg2
import pytest

from jobs.local.services import postgres_server
from jobs.target import Target
from tests.jobs.cli_process import run_jobs, without_waits


@pytest.mark.parametrize(
    "arguments",
    [
        ["embed", "x", "--precision", "fp16"],
        ["embed", "x", "--limit", "0"],
        ["sample", "x", "--count", "0"],
        ["search", "x", "--k", "0"],
        ["search", "x", "--from", "moon"],
        ["migrate", "--method", "carrier-pigeon"],
        ["run-pipeline", "-p", "no-equals-sign"],
        ["nonsense"],
        ["embed"],
        ["local"],
        ["embed", "x", "--no-such-option"],
    ],
)
def test_wrong_usage_is_exit_2(arguments: list[str]) -> None:
    done = run_jobs(*arguments, "--json")
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert json.loads(done.stdout)["error"] in done.stderr
    assert json.loads(done.stdout)["kind"] == "usage"


def test_expected_failures_are_one_sentence_and_exit_1(
    laptop: Target, tmp_path: Path, drawn_faces: Path, weights: str
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.jpg").write_text("not a picture")
    face = next(drawn_faces.rglob("*.jpg"))
    for arguments in (
        ["embed", str(tmp_path / "missing")],
        ["embed", str(tmp_path / "empty")],
        ["embed", str(drawn_faces), "--weights", str(tmp_path / "missing.pt")],
        ["upload", str(tmp_path / "empty")],
        ["migrate", "--target", "no-such-stack"],
        ["migrate", "--source", "postgresql://postgres@127.0.0.1:1/x"],
        ["run-pipeline", "PL_Missing"],
        ["run-pipeline", "-p", "undeclared=1"],
        ["verify"],
        ["index"],
        ["search", str(face)],
        ["search", str(face), "--from", "database"],
        ["search", str(tmp_path / "text.jpg")],
    ):
        done = run_jobs(*arguments, "--json")
        assert done.returncode == 1, arguments
        assert json.loads(done.stdout)["error"] == "\n".join(without_waits(done.stderr)), arguments
        plain = run_jobs(*arguments)
        assert (plain.returncode, plain.stdout) == (1, ""), arguments


def test_json_is_one_object_with_the_documented_keys(laptop: Target, faces: Path, weights: str) -> None:
    def keys(*arguments: str) -> set[str]:
        done = run_jobs(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return set(json.loads(done.stdout))

    folder = str(faces)
    assert {"images"} <= keys("sample", folder, "--count", "7")
    embedded = {"found", "embedded", "unchanged", "renamed", "duplicates", "failed", "seconds"}
    assert embedded | {"images_per_second", "device", "precision", "weights"} <= keys(
        "embed", folder, "--weights", weights
    )
    assert {"rows", "seconds", "identical"} <= keys("migrate")
    assert {"uploaded", "skipped", "failed", "bytes", "seconds"} <= keys("upload", folder)
    assert {"pipeline", "run_id", "status", "activities"} <= keys("run-pipeline")
    checked = {"ok", "rows_source", "rows_database", "rows_parquet", "images", "missing_images", "extra_images"}
    assert checked | {"vectors_identical", "problems"} <= keys("verify")
    assert {"rows", "seconds"} <= keys("index")
    assert {"query", "k", "results"} <= keys("search", str(next(faces.rglob("*.jpg"))))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not inherit a stream by its number")
@pytest.mark.parametrize("stream", [1, 2])
def test_a_closed_stream_is_not_an_error(laptop: Target, stream: int) -> None:
    """Daemons and Windows' pythonw have none."""
    words = [sys.executable, "-m", "jobs", "verify"]  # a failure: nothing was embedded
    close = f"import os, subprocess, sys; os.close({stream}); sys.exit(subprocess.call(sys.argv[1:], close_fds=False))"
    done = subprocess.run([sys.executable, "-c", close, *words], capture_output=True, text=True, check=False)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert ("python -m jobs embed" in done.stderr) == (stream == 1)


@pytest.mark.skipif(sys.platform == "win32", reason="every argument is valid text on Windows")
def test_an_argument_that_is_not_valid_text_is_reported(
    laptop: Target, drawn_faces: Path, tmp_path: Path, weights: str
) -> None:
    folder = tmp_path / os.fsdecode(b"faces\xff")
    shutil.copytree(drawn_faces, folder)
    done = run_jobs("embed", str(folder), "--weights", weights, "--json")
    assert done.returncode == 1
    assert "not valid text" in json.loads(done.stdout)["error"]


def test_a_python_without_the_packages_is_reported(project: Path) -> None:
    words = [sys.executable, "-S", "-m", "jobs", "verify"]  # -S: without the packages of .venv
    done = subprocess.run(words, cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr and "requirements-laptop.txt" in done.stderr


def test_strict_makes_failed_pictures_an_exit_1(laptop: Target, faces: Path, weights: str) -> None:
    (faces / "train/happy/broken.jpg").write_bytes(b"broken")
    assert run_jobs("embed", str(faces), "--weights", weights).returncode == 0
    done = run_jobs("embed", str(faces), "--strict")
    assert done.returncode == 1
    assert "happy/broken.jpg" in done.stdout


def test_without_imagenet_weights_the_other_choices_are_named(
    laptop: Target, drawn_faces: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    done = run_jobs("embed", str(drawn_faces))
    assert done.returncode == 1
    assert "--weights FILE" in done.stderr and "--weights random" in done.stderr


def test_names_of_files_are_data(laptop: Target, drawn_faces: Path, tmp_path: Path, weights: str) -> None:
    folder = tmp_path / "faces"
    emotion = "'); DROP TABLE imagenes_fer; --"
    shutil.copytree(drawn_faces / "train/happy", folder / emotion)
    names = [f"<script>alert({number})</script>.jpg".replace("/", "") for number in range(3)]
    for path, name in zip(
        sorted((folder / emotion).iterdir()), [*names, "%s {0} ${x}.jpg", "日本 é.jpg"], strict=False
    ):
        path.rename(path.with_name(name))
    for words in (["embed", str(folder), "--weights", weights], ["migrate"], ["upload", str(folder)], ["run-pipeline"]):
        assert run_jobs(*words).returncode == 0
    assert run_jobs("verify").returncode == 0
    assert run_jobs("index").returncode == 0
    picture = str(folder / emotion / names[0])
    report = tmp_path / "report"
    done = run_jobs("search", picture, "--emotion", emotion, "--report", str(report), "--json")
    assert next(match["filepath"] for match in json.loads(done.stdout)["results"]) == f"{emotion}/{names[0]}"
    html = (report / "index.html").read_text(encoding="utf-8")
    assert "<script>" not in html and "&lt;script&gt;" in html


def test_local_status_prints_the_urls_of_the_services(laptop: Target) -> None:
    done = run_jobs("local", "status", "--json")
    assert json.loads(done.stdout)["laptop"] == postgres_server("laptop").url()


@pytest.mark.parametrize("server", ["laptop", "cloud"])
def test_local_status_prints_what_pgadmin_asks_for(laptop: Target, server: str) -> None:
    login = json.loads(run_jobs("local", "status", "--json").stdout)["logins"][server]
    line = ", ".join(f"{key} {value}" for key, value in login.items())
    assert list(login) == ["host", "port", "user", "password", "database"]
    assert line in run_jobs("local", "status").stdout
    db = psycopg2.connect(**{"dbname" if key == "database" else key: value for key, value in login.items()})
    db.close()
