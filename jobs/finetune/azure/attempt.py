"""The runs of a workspace, as they are: each attempt at a run is a job of its own.

They are called RUN, RUN-try2, ... and all write to the run's one output folder: the same command again, after a job
that failed, was cancelled or took too long, goes on from its last checkpoint.
"""

import json
from dataclasses import dataclass, fields, replace
from typing import Any

from jobs.azure.arm import Json
from jobs.errors import ErrorKind, JobError
from jobs.finetune.azure.workspace import DATASTORE, RUNS, Workspace, quiet, refusals, value_of
from jobs.finetune.results import TrainResult
from jobs.finetune.run import build_result, check_run_name
from jobs.wait import wait_until

POLL_SECONDS, CANCEL_SECONDS = 5.0, 600.0
ENDED = {"Completed": "done", "Failed": "failed", "Canceled": "cancelled", "NotResponding": "failed"}
RUNNING = ("Running", "Finalizing", "CancelRequested")


@dataclass(frozen=True)
class Attempt:
    """One job of a run. `status` is Azure's word, `state` ours."""

    name: str
    status: str
    tags: dict[str, str]

    @property
    def state(self) -> str:
        return ENDED.get(self.status, "running" if self.status in RUNNING else "queued")

    @property
    def is_at_work(self) -> bool:
        return self.status not in ENDED


def list_attempts(workspace: Workspace, run: str) -> list[Attempt]:
    """All jobs of a run, the first one first. Raises JobError."""
    check_run_name(run)
    attempts: list[Attempt] = []
    with refusals(workspace, f"the run {run}"):
        while found := workspace.find(f"/jobs/{attempt_name(run, len(attempts) + 1)}"):
            attempts.append(parse_attempt(found))
    return attempts


def attempt_name(run: str, number: int) -> str:
    return run if number == 1 else f"{run}-try{number}"


def parse_attempt(answer: Json) -> Attempt:
    tags = value_of(answer, "properties", "tags") or {}
    return Attempt(
        str(answer.get("name")),
        str(value_of(answer, "properties", "status") or "NotStarted"),
        {str(key): str(value) for key, value in tags.items()},
    )


def find_attempt(workspace: Workspace, run: str) -> Attempt:
    """The newest job of a run. Raises JobError (not_found)."""
    if attempts := list_attempts(workspace, run):
        return attempts[-1]
    raise JobError(
        f"The workspace {workspace.target.ml_workspace} has no run {run}: `python -m jobs finetune status --target "
        f"{workspace.stack}` lists them.",
        ErrorKind.not_found,
    )


def read_run(workspace: Workspace, run: str) -> TrainResult:
    """A run as it is. Raises JobError (not_found)."""
    attempt = find_attempt(workspace, run)
    if attempt.state != "done":
        return unfinished(run, attempt)
    if summary := read_summary(workspace, run):
        return build_result({**summary, "folder": folder_of(run), "state": "done"})
    return replace(unfinished(run, attempt), state="stopped")  # `finetune teardown --models` deleted its files


def read_summary(workspace: Workspace, run: str) -> dict[str, Any] | None:
    """What train.py wrote last; None where it did not."""
    with refusals(workspace, f"the summary of the run {run}"):
        content = workspace.read_blob(f"{RUNS}/{run}/summary.json")
    try:
        summary = json.loads(content) if content else None
    except ValueError:
        return None
    return summary if isinstance(summary, dict) else None


def unfinished(run: str, attempt: Attempt) -> TrainResult:
    """A run without figures yet, or without any."""
    nothing: dict[str, Any] = {each.name: None for each in fields(TrainResult)}
    tags = {"model": attempt.tags.get("model", ""), "base_sha256": attempt.tags.get("base", "")}
    known = {"run": run, "state": attempt.state, "data_sha256": attempt.tags.get("data", ""), "folder": folder_of(run)}
    return TrainResult(**nothing | tags | known | {"device": "", "dropped": [], "reused": False})


def folder_of(run: str) -> str:
    return f"azureml://datastores/{DATASTORE}/paths/{RUNS}/{run}"


def cancel(workspace: Workspace, run: str) -> TrainResult:
    """Stop a run; what it has saved stays. Raises JobError."""
    attempt = find_attempt(workspace, run)
    if attempt.is_at_work:
        with refusals(workspace, f"to cancel the run {run}"), quiet():
            workspace.client.jobs.begin_cancel(attempt.name)
        wait_until(lambda: not find_attempt(workspace, run).is_at_work, every=POLL_SECONDS, at_most=CANCEL_SECONDS)
    return read_run(workspace, run)


def list_runs(workspace: Workspace) -> list[TrainResult]:
    """All runs of the workspace, each as its newest job is. Raises JobError."""
    with refusals(workspace, "the runs of the workspace"):
        newest: dict[str, Attempt] = {}
        for attempt in map(parse_attempt, workspace.pages("/jobs")):
            run = attempt.tags.get("finetune", "")
            if run and number_of(attempt) > (number_of(newest[run]) if run in newest else 0):
                newest[run] = attempt
    return [unfinished(run, attempt) for run, attempt in sorted(newest.items())]


def number_of(attempt: Attempt) -> int:
    _, mark, number = attempt.name.rpartition("-try")
    return int(number) if mark and number.isdecimal() else 1
