"""`data` and `register`, killed before each change of a file: the same again ends as an undisturbed one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from jobs.finetune.results import ModelVersion
from jobs.state import remove_leftovers

pytestmark = pytest.mark.skipif(os.name == "nt", reason="it forks")


def kill(step: str) -> int:
    """How many times a step was killed. Whatever it left behind, the same again made the same files."""
    words = [sys.executable, "-m", "tests.jobs.finetune.file_killer", step]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert not result["different"]
    return int(result["kills"])


def test_data(state: Path) -> None:
    assert kill("data") > 10


@pytest.mark.slow
def test_register(trained: ModelVersion) -> None:
    assert kill("register") > 10


def test_the_new_file_of_a_living_process_stays(tmp_path: Path) -> None:
    ours, theirs = tmp_path / f"train.jsonl.{os.getpid()}.0a1b.new", tmp_path / "mine.new"
    for file in (ours, theirs):
        file.touch()
    remove_leftovers(tmp_path)
    assert ours.exists() and theirs.exists()
