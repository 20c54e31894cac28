"""Checks that do not need each other, made at the same time and until one moment."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Thread
from typing import TypeAlias

from azure.core.exceptions import AzureError, HttpResponseError

from jobs.azure.errors import error_reason
from jobs.doctor.check import Check
from jobs.errors import JobError

LONGEST = 100  # characters of what Azure says

Task: TypeAlias = Callable[[], list[Check]]


@dataclass(frozen=True)
class Batch:
    """What the tasks found, in their order. `complete` is false where one had to be left behind."""

    checks: list[Check]
    complete: bool


def run_checks(tasks: Mapping[str, Task], until: float) -> Batch:
    """Run each task in a thread of its own, and wait for them until that moment of time.monotonic().

    A task that Azure refuses, or that is late, becomes a warning: what could not be looked at may well be right.
    """
    found: dict[str, list[Check]] = {}

    def work(name: str, task: Task) -> None:
        found[name] = run_check(name, task)

    # Daemons, because one that hangs in the network must not hold the command.
    threads = [Thread(target=work, args=each, name=each[0], daemon=True) for each in tasks.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    complete = not any(thread.is_alive() for thread in threads)
    return Batch([check for name in tasks for check in found.get(name, [timed_out(name)])], complete)


def run_check(name: str, task: Task) -> list[Check]:
    try:
        return task()
    except AzureError as error:
        return [Check(name, "warning", unchecked_reason(error))]
    except JobError as failure:
        return [Check(name, "warning", f"could not be checked: {failure}")]


def unchecked_reason(error: AzureError) -> str:
    """Why Azure did not let itself be asked, at most two lines of the screen."""
    said = error_reason(error)
    said = said if len(said) <= LONGEST else f"{said[:LONGEST]}..."
    if isinstance(error, HttpResponseError) and error.status_code == 403:
        return f"could not be checked: it takes the role Reader on the subscription ({said})."
    return f"could not be checked ({said}): run the same command again."


def timed_out(name: str) -> Check:
    return Check(name, "warning", "could not be checked in time: run the same command again.")
