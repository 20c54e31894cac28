"""Train on this computer: a run's folder, its lock, and the process that trains in it.

A run is never changed, only made or deleted: the same order goes on where it stopped, or is done.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from jobs.errors import ErrorKind, JobError
from jobs.finetune.child import Event, run_child, wait_for_child
from jobs.finetune.folder import runs_folder
from jobs.finetune.order import RUN_NAME, Order, check_unchanged, train_arguments
from jobs.finetune.results import TrainResult
from jobs.state import atomic_file, write_atomically
from jobs.terminal import log, progress

ORDER, SUMMARY, LOG, TEST = "run.json", "summary.json", "train.log", "test.jsonl"
CATALOGUE = "The model {name} is in Azure's catalogue, which only Azure ML reads: add --target STACK."


def train_here(order: Order) -> TrainResult:
    """Train, or go on with it; a run that is done is returned as it is. Raises JobError."""
    if order.base.is_catalogue:
        raise JobError(CATALOGUE.format(name=order.base.name), ErrorKind.invalid)
    folder = runs_folder() / order.run
    with run_lock(order.run):
        check_same_order(order, folder)
        if done := read_summary(folder):
            return build_result(done, reused=True)
        wait_for_child(folder / LOG)
        model = str(order.base.folder or order.base.name)
        files = ["--train", str(order.data.train_file.resolve()), "--test", str(order.data.test_file.resolve())]
        places = [*files, "--model", model, "--output", str(folder)]
        words = ["train.py", *train_arguments(order, places), "--watch-stdin"]
        with Steps() as steps:
            run_child(words, folder / LOG, steps.show, model=order.base.folder)
    return build_result(read_summary(folder) or {})


class Steps:
    """Shows what train.py says: a bar of its steps."""

    def __enter__(self) -> "Steps":
        self._bar: Any = None
        self._advance: Any = None
        self._step = 0
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar:
            self._bar.__exit__(None, None, None)

    def show(self, event: Event) -> None:
        """Show one event of train.py."""
        if event["event"] == "before":
            dropped = f", {event['dropped']} rows too long" if event["dropped"] else ""
            log(f"Measuring the base on {event['device']}{dropped}")
        elif event["event"] == "train":
            self._step = event["resumed_from"] or 0
            log(f"Training{f' from the checkpoint of step {self._step}' if self._step else ''}")
        elif event["event"] == "step":
            if not self._bar:
                self._bar = progress("Training", event["of"], "steps")
                self._advance = self._bar.__enter__()
            self._advance(event["step"] - self._step)
            self._step = event["step"]
        elif event["event"] == "after":
            log("Measuring the result on the same rows, and once more as it was saved")


@contextmanager
def run_lock(run: str) -> Iterator[None]:
    """Hold a run for the block. Raises JobError where another command trains it: it does not wait."""
    check_run_name(run)
    (runs_folder() / run).mkdir(parents=True, exist_ok=True)
    lock = FileLock(runs_folder() / f"{run}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise JobError(
            f"Another command trains the run {run}: wait until it has ended, or give another --name.",
            ErrorKind.conflict,
        ) from error
    try:
        yield
    finally:
        lock.release()


def check_run_name(run: str) -> None:
    if not RUN_NAME.fullmatch(run):
        raise JobError(
            f"{run!r:.80} cannot be the name of a run: up to 60 small letters, digits and dashes.", ErrorKind.invalid
        )


def check_same_order(order: Order, folder: Path) -> None:
    """Record the order of a new run. Raises JobError for a run of that name with another base, data or settings."""
    content = {"base": order.base.sha256, "data": order.data.sha256, "settings": asdict(order.settings)}
    try:
        before = json.loads((folder / ORDER).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        base = {"model": order.base.name, "folder": str(order.base.folder or ""), "revision": order.base.revision}
        with atomic_file(folder / TEST) as new:  # what the saved model is asked again, whatever becomes of the data
            shutil.copy(order.data.test_file, new)
        write_atomically(folder / ORDER, json.dumps({**content, **base}))
        return
    check_unchanged(order.run, before, content)


def read_order(run: str) -> dict[str, Any]:
    """What a run was asked: model, folder, revision, base, data and settings. Raises JobError (not_found)."""
    check_run_name(run)
    try:
        order: dict[str, Any] = json.loads((runs_folder() / run / ORDER).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = f"There is no run {run}: `python -m jobs finetune status` lists them."
        raise JobError(reason, ErrorKind.not_found) from error
    return order


def read_summary(folder: Path) -> dict[str, Any] | None:
    """The summary of a run that is done, else None."""
    try:
        summary = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return summary | {"folder": str(folder)} if isinstance(summary, dict) and summary.get("state") == "done" else None


def build_result(summary: dict[str, Any], reused: bool = False) -> TrainResult:
    names = {each.name for each in fields(TrainResult)}
    return TrainResult(**{name: value for name, value in summary.items() if name in names} | {"reused": reused})


def read_run_here(run: str) -> TrainResult:
    """A run as it is: done, running or stopped. Raises JobError (not_found)."""
    order = read_order(run)
    if summary := read_summary(runs_folder() / run):
        return build_result(summary)
    try:
        with run_lock(run):
            state = "stopped"
    except JobError:
        state = "running"
    return unfinished(run, order, state)


def unfinished(run: str, order: dict[str, Any], state: str) -> TrainResult:
    """A run without figures yet."""
    known = {"run": run, "state": state, "model": order["model"], "base_sha256": order["base"]}
    nothing = {each.name: None for each in fields(TrainResult)}
    rest = {"data_sha256": order["data"], "device": "", "folder": str(runs_folder() / run), "dropped": []}
    return TrainResult(**nothing | known | rest | {"reused": False})


def list_runs() -> list[TrainResult]:
    """All runs of this computer, in the order of their names."""
    folders = sorted(each.parent.name for each in runs_folder().glob(f"*/{ORDER}"))
    return [read_run_here(name) for name in folders]
