"""Ctrl-C during a run in Azure: leave it running, cancel it, or go on waiting."""

import sys

from jobs.errors import JobError, StoppedError
from jobs.lines import write_lines
from jobs.pipeline.data_factory.client import FactoryClient, translate_factory_errors
from jobs.terminal import log

QUESTION = "Leave the run running in Azure [l], cancel it [c], or go on waiting [w]? "


def ask_and_stop(factory: FactoryClient, run_id: str) -> None:
    """Ask what to do, and do it. Returns to go on waiting. Raises StoppedError where the run is left running.

    Without a terminal nobody can answer, and the run is left running: it may have taken hours.
    """
    answer = ask_choice() if sys.stdin.isatty() and sys.stderr.isatty() else "l"
    if answer == "l":
        raise left_running_error(factory, run_id)
    if answer == "c":
        try:
            request_cancel(factory, run_id)
            log("Azure is cancelling the run.")
        except KeyboardInterrupt:
            raise left_running_error(factory, run_id) from None
        except JobError as error:  # the run may have ended in the meantime: the next poll shows it
            log(str(error))


def left_running_error(factory: FactoryClient, run_id: str) -> StoppedError:
    follow, cancel = (follow_command(factory, option, run_id) for option in ("--follow", "--cancel"))
    return StoppedError(f"The run {run_id} goes on in Azure: follow it with `{follow}`, or cancel it with `{cancel}`.")


def ask_choice() -> str:
    """The answer: l, c or w. A second Ctrl-C, or the end of the input, means l."""
    while True:
        write_lines(sys.stderr, QUESTION, end="")
        try:
            line = sys.stdin.readline()
        except KeyboardInterrupt:
            return "l"
        answer = line.strip().lower() if line else "l"
        if answer in ("l", "c", "w"):
            return answer


def request_cancel(factory: FactoryClient, run_id: str) -> None:
    """Request that Azure cancels a run and the runs that it started. It takes some seconds."""
    with translate_factory_errors(factory):
        factory.client.pipeline_runs.cancel(factory.resource_group, factory.name, run_id, is_recursive=True)


def follow_command(factory: FactoryClient, option: str, run_id: str) -> str:
    """The command that does `option` (--follow, --cancel) with the run."""
    return f"python -m jobs run-pipeline {option} {run_id} {factory.stack_flags}"
