"""Run independent checks at the same time, until a deadline."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Thread
from typing import TypeAlias

from azure.core.exceptions import AzureError, HttpResponseError

from jobs.azure.errors import error_reason
from jobs.doctor.check import Check
from jobs.errors import JobError

MAX_REASON_CHARACTERS = 100  # of Azure's message

Task: TypeAlias = Callable[[], list[Check]]


@dataclass(frozen=True)
class Batch:
    """The checks of the tasks, in their order. `complete` is false where a task did not end by the deadline."""

    checks: list[Check]
    complete: bool


def run_checks(tasks: Mapping[str, Task], deadline: float) -> Batch:
    """Run each task in a thread of its own, and wait for them until `deadline`, a value of time.monotonic().

    A task that Azure refuses, or that is late, becomes a warning: what could not be checked may well be right.
    """
    results: dict[str, list[Check]] = {}

    def work(name: str, task: Task) -> None:
        results[name] = run_check(name, task)

    # Daemons: a thread that hangs in the network must not keep the process alive.
    threads = [Thread(target=work, args=each, name=each[0], daemon=True) for each in tasks.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    complete = not any(thread.is_alive() for thread in threads)
    return Batch([check for name in tasks for check in results.get(name, [timed_out(name)])], complete)


def run_check(name: str, task: Task) -> list[Check]:
    try:
        return task()
    except AzureError as error:
        return [Check(name, "warning", unchecked_reason(error))]
    except JobError as error:
        return [Check(name, "warning", f"could not be checked: {error}")]


def unchecked_reason(error: AzureError) -> str:
    """Why Azure did not answer, at most two lines of the screen."""
    reason = error_reason(error)
    reason = reason if len(reason) <= MAX_REASON_CHARACTERS else f"{reason[:MAX_REASON_CHARACTERS]}..."
    if isinstance(error, HttpResponseError) and error.status_code == 403:
        return f"could not be checked: it needs the role Reader on the subscription ({reason})."
    return f"could not be checked ({reason}): run the same command again."


def timed_out(name: str) -> Check:
    return Check(name, "warning", "could not be checked in time: run the same command again.")
