"""Ctrl-C while a run goes on in Azure: leave it running, cancel it, or go on waiting."""

import sys

from jobs.errors import JobError, StoppedError
from jobs.pipeline.data_factory.client import FactoryClient, translate_factory_errors
from jobs.terminal import log

QUESTION = "Leave the run going in Azure [l], cancel it [c], or go on waiting [w]? "


def ask_and_stop(factory: FactoryClient, run_id: str) -> None:
    """Ask, and do it; return to go on waiting. Raises Stopped where the run is left alone.

    Without a terminal nobody can answer, and the run is left alone: it may have cost hours.
    """
    answer = ask_choice() if sys.stdin.isatty() and sys.stderr.isatty() else "l"
    if answer == "l":
        raise left_running(factory, run_id)
    if answer == "c":
        try:
            request_cancel(factory, run_id)
            log("Azure is cancelling the run.")
        except KeyboardInterrupt:
            raise left_running(factory, run_id) from None
        except JobError as failure:  # it may have ended while the question stood there: the next look tells
            log(str(failure))


def left_running(factory: FactoryClient, run_id: str) -> StoppedError:
    return StoppedError(
        f"The run {run_id} goes on in Azure: follow it with `{follow_command(factory, '--follow', run_id)}`, or stop it with "
        f"`{follow_command(factory, '--cancel', run_id)}`."
    )


def ask_choice() -> str:
    """l, c or w. A second Ctrl-C, or the end of the input, means l."""
    while True:
        sys.stderr.write(QUESTION)
        sys.stderr.flush()
        try:
            line = sys.stdin.readline()
        except KeyboardInterrupt:
            return "l"
        answer = line.strip().lower() if line else "l"
        if answer in ("l", "c", "w"):
            return answer


def request_cancel(factory: FactoryClient, run_id: str) -> None:
    """Cancel a run and the runs that it has started; Azure takes some seconds for it."""
    with translate_factory_errors(factory):
        factory.client.pipeline_runs.cancel(factory.resource_group, factory.name, run_id, is_recursive=True)


def follow_command(factory: FactoryClient, option: str, run_id: str) -> str:
    return f"python -m jobs run-pipeline {option} {run_id} {factory.stack_flags}"
