"""The registered models of this computer: .local/finetune/models/NAME/N/, each with its record, never changed."""

import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from jobs.errors import ErrorKind, JobError
from jobs.finetune.carried.conversations import read_lines
from jobs.finetune.folder import models_folder
from jobs.finetune.results import ModelVersion, TrainResult
from jobs.finetune.runner import Question, Runner
from jobs.state import exclusive_lock, replace_file, write_atomically

MODEL_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,48}[a-z0-9])?")
RECORD, QUESTIONS = "version.json", "questions.jsonl"
NAME = "faces-chat"
METRICS = ("loss_before", "loss_after", "exact_before", "exact_after")
LARGEST_GAP = 0.02  # between the loss of the trained model and of the saved one: bf16 rounds the merged weights


def register(runner: Runner, run_name: str, name: str, anyway: bool) -> ModelVersion:
    """Register the model of a run, on the laptop or on Azure. Raises JobError for one that must not be.

    A run that is not done, or whose saved model gives another loss, is always refused; one that did not learn, unless
    `anyway`.
    """
    check_model_name(name)
    run = runner.read_run(run_name)
    if run.state != "done":
        raise JobError(
            f"The run {run_name} is {run.state}, and not done: `finetune train` ends it.", ErrorKind.conflict
        )
    before, after = run.loss_before or 0.0, run.loss_after or 0.0
    if after >= before and not anyway:
        raise JobError(
            f"The run {run_name} did not learn: its held-out loss went from {before:.4f} to {after:.4f}. Train with "
            "other settings, or register it with --anyway.",
            ErrorKind.refused,
        )
    saved = runner.prove(run_name)
    if abs(saved - after) > max(1e-4, min(LARGEST_GAP, (before - after) / 2)):
        raise JobError(
            f"The saved model of {run_name} gives the held-out loss {saved:.4f}, and not the {after:.4f} of the "
            "training: its files are not what was trained. Train again with another --name.",
            ErrorKind.failed,
        )
    return runner.register(run, name)


def check_model_name(name: str) -> None:
    if not MODEL_NAME.fullmatch(name):
        raise JobError(
            f"{name!r:.80} cannot be the name of a model: up to 50 small letters, digits and dashes.", ErrorKind.invalid
        )


def register_here(run: TrainResult, name: str) -> ModelVersion:
    """Keep a copy of a run's model as the next version of a name; the same run is the same version."""
    with exclusive_lock("finetune-models.lock", "Another command registers a model"):
        versions = [each for each in list_versions() if each.name == name]
        known = next((each for each in versions if each.run == run.run), None)
        if known:
            return known
        number = max((each.version for each in versions), default=0) + 1
        folder = models_folder() / name / str(number)
        version = ModelVersion(
            name=name,
            version=number,
            run=run.run,
            base_sha256=run.base_sha256,
            data_sha256=run.data_sha256,
            metrics={key: value for key in METRICS if (value := getattr(run, key)) is not None},
            path=str(folder),
        )
        new = folder.with_name(f"{number}.new")
        shutil.rmtree(new, ignore_errors=True)
        shutil.copytree(Path(run.folder) / "model", new, copy_function=link_or_copy)
        write_atomically(new / RECORD, json.dumps(asdict(version), indent=2) + "\n")
        replace_file(new, folder)
        return version


def link_or_copy(source: str, target: str) -> str:
    """A second name for a file where the file system has that, else a copy: weights may be gigabytes."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target


def list_versions() -> list[ModelVersion]:
    """All versions, by name and number."""
    return sorted(read_versions(), key=lambda each: (each.name, each.version))


def read_versions() -> Iterator[ModelVersion]:
    for record in models_folder().glob(f"*/*/{RECORD}"):
        if record.parent.name.isdecimal():
            values = json.loads(record.read_text(encoding="utf-8"))
            yield ModelVersion(**values | {"path": str(record.parent)})


def find_version(versions: list[ModelVersion], number: int | None, name: str | None = None) -> ModelVersion:
    """A version by its number, the newest without one; of the only name, or NAME's. Raises JobError (not_found)."""
    names = {each.name for each in versions}
    if name is None and len(names) > 1:
        if NAME not in names:
            raise JobError(f"There are models {', '.join(sorted(names))}: name one with --name.", ErrorKind.invalid)
        name = NAME
    named = [each for each in versions if name in (None, each.name)]
    found = [each for each in named if number in (None, each.version)]
    if not found:
        what = "no model" if number is None else f"no version {number}"
        raise JobError(
            f"There is {what}: `python -m jobs finetune status` lists them, `finetune register --run RUN` makes one.",
            ErrorKind.not_found,
        )
    return max(found, key=lambda each: each.version)


def read_questions(model: Path, count: int) -> list[Question]:
    """The held-out questions of a model's folder. Raises JobError where it has none."""
    file = model / QUESTIONS
    rows = [json.loads(line) for _, line in read_lines(file)] if file.exists() else []
    if not rows:
        raise JobError(f"The model in {model} has no held-out questions: register a run of `train`.", ErrorKind.invalid)
    return [Question(messages=each["messages"], expected=each["expected"]) for each in rows[:count]]
