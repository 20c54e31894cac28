"""demo, from beginning to end: the README's first command."""

import json
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

pytestmark = pytest.mark.slow

STEPS = {"sample", "embed", "migrate", "upload", "run_pipeline", "verify", "index", "search"}


@pytest.fixture
def environment(tmp_path: Path, services_folder: Path) -> dict[str, str]:
    """Services of the test's own, and no network for the ImageNet weights."""
    offline = {"TORCH_HOME": str(tmp_path / "torch"), "https_proxy": "http://127.0.0.1:9"}
    return {**os.environ, **offline, "JOBS_LOCAL": str(services_folder)}


def demo(environment: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    words = [sys.executable, "-m", "jobs", "demo", *arguments]
    return subprocess.run(words, env=environment, capture_output=True, text=True, check=False)


def still_running(folder: str) -> list[list[str]]:
    lines = [process.info["cmdline"] or [] for process in psutil.process_iter(["cmdline"])]
    return [line for line in lines if any(folder in word for word in line)]


def test_drawn_faces_and_then_real_ones(environment: dict[str, str], tmp_path: Path, drawn_faces: Path) -> None:
    report = tmp_path / "report"
    done = demo(environment, "--count", "60", "--report", str(report), "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert set(result) >= STEPS
    assert result["embed"]["weights"] == "random"
    assert "Untrained weights" in done.stderr
    assert result["verify"]["ok"] and result["verify"]["rows_parquet"] == result["verify"]["images"] == 60
    html = (report / "index.html").read_text(encoding="utf-8").replace("<wbr>", "")
    assert "Untrained weights" in html
    assert len(re.findall(r'<img src="data:image/png;base64,[^"]+"', html)) == 6
    assert all(match["filepath"] in html for match in result["search"]["results"])
    assert not still_running(environment["JOBS_LOCAL"])

    assert result["report_url"] == (report / "index.html").as_uri()

    real = tmp_path / "real"
    shutil.copytree(drawn_faces, real)
    done = demo(environment, "--images", str(real), "--report", str(report), "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["sample"] is None
    assert result["verify"]["rows_parquet"] == result["embed"]["found"] == 40  # the rows of the drawn ones were deleted


def run_own(environment: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    words = [sys.executable, "-m", "jobs", *arguments]
    return subprocess.run(words, env=environment, capture_output=True, text=True, check=False)


def test_a_demo_between_ones_own_commands_changes_nothing_of_ones_own(
    environment: dict[str, str], tmp_path: Path, drawn_faces: Path, weights: str
) -> None:
    faces, report = str(drawn_faces), str(tmp_path / "report")
    try:
        for words in (("embed", faces, "--weights", weights), ("migrate",), ("upload", faces), ("run-pipeline",)):
            done = run_own(environment, *words)
            assert done.returncode == 0, done.stderr
        done = demo(environment, "--count", "20", "--weights", "random", "--report", report)
        assert done.returncode == 0, done.stderr
        done = run_own(environment, "verify", "--json")
        assert done.returncode == 0, done.stderr
        checked = json.loads(done.stdout)
        assert (checked["rows_source"], checked["images"], checked["extra_images"]) == (40, 40, 0)
        assert not still_running(str(Path(environment["JOBS_LOCAL"]) / "demo"))
    finally:
        run_own(environment, "local", "down")
    assert not still_running(environment["JOBS_LOCAL"])


@pytest.mark.exhaustive
def test_ones_own_embed_and_other_weights_after_a_demo(
    environment: dict[str, str], tmp_path: Path, faces: Path, weights: str
) -> None:
    images = ("--images", str(faces.parent), "--report", str(tmp_path / "report"))  # one folder too high
    first = demo(environment, *images, "--weights", weights, "--json")
    assert first.returncode == 0, first.stderr
    second = demo(environment, *images, "--weights", "random", "--json")
    assert second.returncode == 0, second.stderr
    assert json.loads(second.stdout)["embed"]["emotions"] == json.loads(first.stdout)["embed"]["emotions"]
    try:
        done = run_own(environment, "embed", str(faces), "--weights", weights)
        assert done.returncode == 0, done.stderr
    finally:
        run_own(environment, "local", "down")


@pytest.mark.exhaustive
def test_two_at_once_do_not_disturb_each_other(environment: dict[str, str], tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        first, second = (
            pool.submit(demo, environment, "--count", "8", "--report", str(tmp_path / name)) for name in "ab"
        )
    for done in (first.result(), second.result()):
        assert done.returncode == 0, done.stderr
    assert not still_running(environment["JOBS_LOCAL"])


def test_a_folder_without_pictures_is_one_sentence(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = demo(environment, "--images", str(tmp_path / "empty"))
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1].startswith("There is no picture in")
    assert "Traceback" not in done.stderr
    assert not still_running(environment["JOBS_LOCAL"])


def test_imagenet_weights_are_not_replaced_where_they_are_requested(environment: dict[str, str]) -> None:
    done = demo(environment, "--count", "10", "--weights", "imagenet")
    assert done.returncode == 1
    assert "--weights FILE" in done.stderr
