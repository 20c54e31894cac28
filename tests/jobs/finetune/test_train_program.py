"""carried/train.py in this process: a full disk, broken checkpoints, long rows, and a model that is too big."""

import io
import json
import shutil
import signal
import sys
from argparse import Namespace
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from jobs.finetune.folder import carried_folder

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]
FULL = 5  # the exit status


@pytest.fixture(scope="module", autouse=True)
def carried() -> Iterator[None]:
    """The files of carried/ import each other by their plain names, and train.py takes the signals."""
    handlers = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    names = {each.stem for each in carried_folder().glob("*.py")}
    sys.path.insert(0, str(carried_folder()))
    yield
    sys.path.remove(str(carried_folder()))
    for number, handler in handlers.items():
        signal.signal(number, handler)
    for name in names & set(sys.modules):
        del sys.modules[name]


@pytest.fixture
def words(trained_folder: Path, tmp_path: Path) -> list[str]:
    """The arguments of a short training with checkpoints at step 2 and 4."""
    data = trained_folder / "finetune" / "data"
    for name in ("train.jsonl", "test.jsonl"):
        with (data / name).open() as lines:
            (tmp_path / name).write_text("".join(islice(lines, 16)))
    files = ["--train", str(tmp_path / "train.jsonl"), "--test", str(tmp_path / "test.jsonl")]
    places = ["--model", str(base_of(trained_folder)), "--output", str(tmp_path / "out")]
    steps = ["--max-steps", "4", "--save-steps", "2", "--batch-size", "4", "--eval-rows", "4"]
    return [*files, *places, *steps, "--device", "cpu"]


def base_of(state: Path) -> Path:
    return next(each for each in (state / "finetune").glob("tiny-*") if each.is_dir())


def train(words: list[str], monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("sys.argv", ["train.py", *words])
    from train import main

    return int(main())


class FillingDisk(io.StringIO):
    """The stdout of train.py. When it says that step 3 is done, files take no more than `most` bytes."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def write(self, text: str) -> int:
        if '"step": 3' in text:
            limit_files(self.most)
        return super().write(text)


def limit_files(most: int) -> None:
    """Let every longer file be an error from now on, as on a full disk; -1: no limit."""
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limits of a process")
@pytest.mark.parametrize("most", [50_000, 150_000], ids=["adapter", "optimizer"])
def test_a_full_disk_in_a_checkpoint_leaves_the_one_before_and_the_same_command_goes_on(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("sys.stdout", FillingDisk(most))
        try:
            status = train(words, patch)
        finally:
            limit_files(-1)
    assert status == FULL and not (tmp_path / "out" / "summary.json").exists()
    assert {each.name for each in (tmp_path / "out").glob("checkpoint-*")} == {"checkpoint-2", "checkpoint-4"}
    assert train(words, monkeypatch) == 0
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert (summary["resumed_from"], summary["steps"]) == (2, 4)


def test_a_broken_newest_checkpoint_is_left_for_the_one_before(trained_folder: Path, tmp_path: Path) -> None:
    run = next((trained_folder / "finetune" / "runs").glob("tiny-*/checkpoint-*"))
    older, newest = (shutil.copytree(run, tmp_path / name) for name in ("checkpoint-1", "checkpoint-100"))
    (newest / "optimizer.pt").write_bytes(b"broken")
    (newest / "training_args.bin").write_bytes(b"a pickle that nobody reads")
    from checkpoints import find_checkpoint

    assert find_checkpoint(tmp_path) == older and not newest.exists()


@pytest.mark.parametrize(("choice", "turns", "did"), [("drop", 0, "dropped"), ("cut", 1, "cut to 1 of its 2 answers")])
def test_long_rows_are_counted_and_dropped_or_cut_at_the_end_of_a_turn(
    trained_folder: Path, tmp_path: Path, choice: str, turns: int, did: str
) -> None:
    turn = [{"role": "user", "content": "A?"}, {"role": "assistant", "content": "B."}]
    long = [*turn, {"role": "user", "content": "word " * 200}, {"role": "assistant", "content": "B."}]
    (tmp_path / "rows.jsonl").write_text(json.dumps({"messages": long}) + "\n")
    from rows import Rows

    rows = Rows(tmp_path / "rows.jsonl", load(trained_folder), Namespace(max_length=128, long=choice))
    assert len(rows.turns) == turns
    assert [(each["line"], did in each["reason"]) for each in rows.dropped] == [(1, True)]


def load(state: Path) -> Any:
    from generate import load_model

    return load_model(str(base_of(state)))


def test_a_model_that_is_too_big_is_refused_before_it_is_loaded(
    trained_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from generate import UnusableModelError

    monkeypatch.setenv("FINETUNE_MEMORY_BYTES", "100000")
    with pytest.raises(UnusableModelError, match=r"needs [\d,]+ bytes, and 100,000 are free on cpu"):
        load(trained_folder)
