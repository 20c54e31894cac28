"""Follow a run: its state, and its newest job's own log, read by identity from the workspace's account.

azure-ai-ml reads logs with a signature of the account's key, and the stack's account has no keys.
"""

import json

from jobs.errors import ErrorKind, JobError, StoppedError
from jobs.finetune.azure import attempt as attempts
from jobs.finetune.azure.attempt import Attempt, find_attempt
from jobs.finetune.azure.workspace import LOG_DATASTORE, Workspace, refusals
from jobs.lines import escape_name
from jobs.terminal import log
from jobs.wait import wait_until

MAX_SECONDS = 7 * 24 * 3600.0
LOG = "user_logs/std_log.txt"
# What train.py says on its stdout.
EVENTS = {
    "before": "Measuring the base on {device}",
    "train": "Training",
    "step": "step {step} of {of}: loss {loss:.4f}",
    "after": "Measuring the result on the same rows, and once more as it was saved",
    "done": "The files are written",
}
TAIL = 5  # lines of a failed run's log, in the sentence


def follow(workspace: Workspace, run: str) -> Attempt:
    """Show the newest job's own log until it ends. Raises JobError; Ctrl-C leaves the job at work."""
    attempt = find_attempt(workspace, run)
    show = LogView(workspace, attempt.name)
    seen: list[str] = []

    def has_ended() -> bool:
        nonlocal attempt
        attempt = find_attempt(workspace, run)
        show.new_lines()
        if attempt.status != (seen[-1] if seen else ""):
            say_change(run, attempt, seen)
            seen.append(attempt.status)
        return not attempt.is_at_work

    try:
        wait_until(has_ended, every=attempts.POLL_SECONDS, at_most=MAX_SECONDS)
    except KeyboardInterrupt:
        raise StoppedError(
            f"The run {run} goes on at Azure, and bills: `finetune train --follow {run}` follows it, `finetune train "
            f"--cancel {run}` stops it (both with --target {workspace.stack})."
        ) from None
    show.new_lines()
    if attempt.state == "failed":
        raise JobError(explain_failure(run, show.last), ErrorKind.failed)
    return attempt


def say_change(run: str, attempt: Attempt, seen: list[str]) -> None:
    if "Running" in seen and attempt.state == "queued":
        log(f"{run}: its machine was taken away; it goes on from its last checkpoint on the next one")
    else:
        log(f"{run}: {attempt.status}")


def explain_failure(run: str, lines: list[str]) -> str:
    end = " / ".join(line.strip() for line in lines[-TAIL:] if line.strip()) or "its log is empty"
    return f"The run {run} failed ({end}): fix that, and the same command goes on from its last checkpoint."


class LogView:
    """The log of a job, as far as it was shown. `last` are its last lines."""

    def __init__(self, workspace: Workspace, job: str) -> None:
        self._workspace, self._path = workspace, f"ExperimentRun/dcid.{job}/{LOG}"
        self._shown, self._rest = 0, b""
        self.last: list[str] = []

    def new_lines(self) -> None:
        """Show what has been added, whole lines at a time. What a job writes is foreign text."""
        with refusals(self._workspace, "the log of the run"):
            more = self._workspace.read_blob(self._path, LOG_DATASTORE, self._shown)
        if not more:
            return
        self._shown += len(more)
        *lines, self._rest = (self._rest + more).split(b"\n")
        for line in lines:
            text = escape_name(line.decode(errors="replace").rstrip("\r"))
            log(describe_line(text))
            self.last = [*self.last[-TAIL:], text]


def describe_line(text: str) -> str:
    """A line of train.py for a person: its events are JSON."""
    try:
        event = json.loads(text)
        return EVENTS[event["event"]].format(**event)
    except (ValueError, KeyError, TypeError):
        return text
