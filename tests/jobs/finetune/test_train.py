"""Training for real: the tiny model with trl and LoRA, killed and resumed, and what must be refused."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from typing import Any

import psutil
import pytest
from filelock import FileLock

from jobs.errors import JobError
from jobs.finetune.folder import runs_folder
from jobs.finetune.local import LocalRunner
from jobs.finetune.order import Settings
from jobs.finetune.registry import register
from jobs.finetune.results import ModelVersion
from jobs.finetune.run import read_run_here, train_here
from tests.jobs.finetune.training import tiny_order, train_tiny

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
    run = train_here(tiny_order(Settings(max_steps=STEPS, eval_rows=20), "whole"))
    return losses("whole"), run.loss_after, run.exact_after


def reached(run: str, step: int) -> bool:
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


@pytest.mark.parametrize(
    ("moment", "number"), [(0, signal.SIGKILL), (12, signal.SIGKILL), (12, signal.SIGTERM)], ids=str
)
def test_killed_at_any_moment_the_same_command_ends_like_an_undisturbed_run(
    trained: ModelVersion, moment: int, number: signal.Signals
) -> None:
    undisturbed = train_undisturbed()
    process = start(*COMMAND)
    wait_for(lambda: (runs_folder() / "killed" / "train.child.json").exists())
    if moment:
        wait_for(lambda: reached("killed", moment))
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


def test_a_broken_newest_checkpoint_is_left_for_the_one_before(trained: ModelVersion) -> None:
    folder = runs_folder() / trained.run
    newest = max(folder.glob("checkpoint-*"), key=lambda each: int(each.name.rpartition("-")[2]))
    older = shutil.copytree(newest, folder / "checkpoint-1")
    (newest / "optimizer.pt").write_bytes(b"torn")
    (newest / "training_args.bin").write_bytes(b"a pickle that nobody reads")
    sys.path.insert(0, str(Path("jobs/finetune/carried").resolve()))
    try:
        import checkpoints

        assert checkpoints.find_checkpoint(folder) == older and not newest.exists()
    finally:
        sys.path.pop(0)


def test_two_trainings_of_one_name_at_once_are_one_too_many(trained: ModelVersion) -> None:
    order = tiny_order(Settings(max_steps=2), "busy")
    with FileLock(runs_folder() / "busy.lock"), pytest.raises(JobError, match="Another command trains the run busy"):
        train_here(order)


def test_a_run_is_never_changed(trained: ModelVersion) -> None:
    with pytest.raises(JobError, match="is there with other settings, and a run is never changed"):
        train_here(tiny_order(Settings(max_steps=3), trained.run))


def test_a_learning_rate_of_zero_does_not_learn_and_is_not_registered(trained: ModelVersion) -> None:
    run = train_tiny(steps=2, learning_rate=0.0)
    with pytest.raises(JobError, match="did not learn"):
        register(LocalRunner(), run.run, "lazy", anyway=False)
    assert register(LocalRunner(), run.run, "lazy", anyway=True).version == 1


def test_an_adapter_that_was_lost_in_the_merge_is_not_registered(trained: ModelVersion) -> None:
    base = tiny_order(Settings()).base.folder
    assert base
    shutil.copy(base / "model.safetensors", runs_folder() / trained.run / "model" / "model" / "model.safetensors")
    with pytest.raises(JobError, match="its files are not what was trained"):
        register(LocalRunner(), trained.run, "lost", anyway=True)


def test_a_run_that_is_not_done_is_not_registered(trained: ModelVersion) -> None:
    (runs_folder() / trained.run / "summary.json").unlink()
    assert read_run_here(trained.run).state == "stopped"
    with pytest.raises(JobError, match="is stopped, and not done"):
        register(LocalRunner(), trained.run, "early", anyway=True)


def test_a_model_that_is_too_big_is_refused_before_it_is_loaded(
    trained: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FINETUNE_MEMORY_BYTES", "100000")
    with pytest.raises(JobError, match=r"needs [\d,]+ bytes, and 100,000 are free on cpu"):
        train_tiny(steps=2, name="big")


def test_long_rows_are_told_and_dropped_or_cut_at_the_end_of_a_turn(trained: ModelVersion) -> None:
    file = Path(tiny_order(Settings()).data.folder)
    turn = [{"role": "user", "content": "A?"}, {"role": "assistant", "content": "B."}]
    long = [*turn, {"role": "user", "content": "word " * 200}, {"role": "assistant", "content": "B."}]
    (file / "data.json").unlink()
    with (file / "train.jsonl").open("a") as stream:
        stream.write(json.dumps({"messages": long}) + "\n")
    for choice, did in (("drop", "dropped"), ("cut", "cut to 1 of its 2 answers")):
        result = train_here(tiny_order(Settings(max_steps=1, eval_rows=2, max_length=128, long=choice)))
        assert [each["line"] for each in result.dropped] == [1201]
        assert did in result.dropped[0]["reason"]


def test_nothing_of_the_libraries_is_written_outside_the_state_folder(trained: ModelVersion) -> None:
    names = {each.name for each in (runs_folder() / trained.run / "model").iterdir()}
    assert {"MLmodel", "questions.jsonl", "model", "components"} <= names
    files = {each.suffix for each in (runs_folder() / trained.run / "model").rglob("*") if each.is_file()}
    assert not files & {".bin", ".pt", ".pkl"} and os.environ["JOBS_LOCAL"] in str(runs_folder())
