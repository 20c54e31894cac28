"""Training for real: the tiny model with trl and LoRA, killed and resumed, and what must be refused."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from functools import cache
from typing import Any

import psutil
import pytest
from filelock import FileLock

from jobs.errors import JobError
from jobs.finetune.folder import runs_folder
from jobs.finetune.local import LocalRunner
from jobs.finetune.order import DataFolder
from jobs.finetune.registry import register
from jobs.finetune.results import ModelVersion
from jobs.finetune.run import read_order, read_run_here, train_here
from tests.jobs.finetune.training import tiny_order, tiny_settings, train_tiny

pytestmark = pytest.mark.slow
STEPS = 40
COMMAND = ("finetune", "train", "--max-steps", str(STEPS), "--eval-rows", "20", "--name", "killed", "--device", "cpu")
SECONDS = 240


def losses(run: str) -> list[tuple[int, float]]:
    lines = (runs_folder() / run / "metrics.jsonl").read_text().splitlines()
    return [(each["step"], each["loss"]) for each in map(json.loads, lines)]


def start(*words: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-m", "jobs", *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def wait_for(check: Any) -> None:
    deadline = time.monotonic() + SECONDS
    while not check():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@cache
def train_undisturbed() -> tuple[list[tuple[int, float]], float | None, float | None]:
    """The losses of a run that nobody kills, and its figures: trained once."""
    run = train_here(tiny_order(tiny_settings(max_steps=STEPS, eval_rows=20), "whole"))
    return losses("whole"), run.loss_after, run.exact_after


def has_step(run: str, step: int) -> bool:
    try:
        return losses(run)[-1][0] >= step
    except (OSError, IndexError, ValueError):
        return False


def test_it_learns_what_the_base_does_not_know(trained: ModelVersion) -> None:
    assert trained.metrics["exact_before"] <= 0.25 and trained.metrics["exact_after"] >= 0.9
    assert trained.metrics["loss_after"] <= 0.85 * trained.metrics["loss_before"]


def test_the_same_command_again_says_that_it_is_done(trained: ModelVersion) -> None:
    before = losses(trained.run)
    again = train_tiny()
    assert again.reused and again.run == trained.run and again.folder == str(runs_folder() / trained.run)
    assert losses(trained.run) == before
    assert read_order(trained.run)["settings"]["learning_rate"] == 5e-3


@pytest.mark.exhaustive
@pytest.mark.parametrize(("moment", "number"), [(0, signal.SIGKILL), (12, signal.SIGKILL), (12, signal.SIGTERM)])
def test_killed_at_any_moment_the_same_command_ends_like_an_undisturbed_run(
    trained: ModelVersion, moment: int, number: signal.Signals
) -> None:
    undisturbed = train_undisturbed()
    process = start(*COMMAND)
    wait_for(lambda: (runs_folder() / "killed" / "train.child.json").exists())
    if moment:
        wait_for(lambda: has_step("killed", moment))
    process.send_signal(number)
    process.communicate()
    child = json.loads((runs_folder() / "killed" / "train.child.json").read_text())["pid"]
    again = subprocess.run(
        [sys.executable, "-m", "jobs", *COMMAND, "--json"], capture_output=True, text=True, check=False
    )
    assert again.returncode == 0, again.stderr
    result = json.loads(again.stdout)
    assert not psutil.pid_exists(child)
    assert (losses("killed"), result["loss_after"], result["exact_after"]) == undisturbed
    assert (result["resumed_from"] or 0) >= moment


def test_two_trainings_of_one_name_at_once_are_one_too_many(trained: ModelVersion) -> None:
    order = tiny_order(tiny_settings(max_steps=2), "busy")
    with FileLock(runs_folder() / "busy.lock"), pytest.raises(JobError, match="Another command trains the run busy"):
        train_here(order)


def test_a_run_is_never_changed(trained: ModelVersion) -> None:
    with pytest.raises(JobError, match="is there with other settings, and a run is never changed"):
        train_here(tiny_order(tiny_settings(max_steps=3), trained.run))


def test_a_learning_rate_of_zero_does_not_learn_and_is_not_registered(trained: ModelVersion) -> None:
    add_long_row(tiny_order(tiny_settings()).data)
    run = train_tiny(steps=2, learning_rate=0.0, max_length=128, long="cut")
    assert [(each["line"], "cut to 1 of its 2 answers" in each["reason"]) for each in run.dropped] == [(121, True)]
    with pytest.raises(JobError, match="did not learn"):
        register(LocalRunner(), run.run, "lazy", anyway=False)
    assert register(LocalRunner(), run.run, "lazy", anyway=True).version == 1


def add_long_row(data: DataFolder) -> None:
    """Add a held-out conversation whose second turn is longer than 128 tokens."""
    turn = [{"role": "user", "content": "A?"}, {"role": "assistant", "content": "B."}]
    long = [*turn, {"role": "user", "content": "word " * 200}, {"role": "assistant", "content": "B."}]
    (data.folder / "data.json").unlink()
    with data.test_file.open("a") as stream:
        stream.write(json.dumps({"messages": long}) + "\n")


def test_an_adapter_that_was_lost_in_the_merge_is_not_registered(trained: ModelVersion) -> None:
    base = tiny_order(tiny_settings()).base.folder
    assert base
    shutil.copy(base / "model.safetensors", runs_folder() / trained.run / "model" / "model" / "model.safetensors")
    with pytest.raises(JobError, match="its files are not what was trained"):
        register(LocalRunner(), trained.run, "lost", anyway=True)


def test_a_run_that_is_not_done_is_not_registered(trained: ModelVersion) -> None:
    (runs_folder() / trained.run / "summary.json").unlink()
    assert read_run_here(trained.run).state == "stopped"
    with pytest.raises(JobError, match="is stopped, and not done"):
        register(LocalRunner(), trained.run, "early", anyway=True)


def test_nothing_of_the_libraries_is_written_outside_the_state_folder(trained: ModelVersion) -> None:
    names = {each.name for each in (runs_folder() / trained.run / "model").iterdir()}
    assert {"MLmodel", "questions.jsonl", "model", "components"} <= names
    files = {each.suffix for each in (runs_folder() / trained.run / "model").rglob("*") if each.is_file()}
    assert not files & {".bin", ".pt", ".pkl"} and os.environ["JOBS_LOCAL"] in str(runs_folder())
