"""Wait until a run has ended, also while the connection or the login fails for a time."""

from collections.abc import Callable
from typing import TypeAlias

from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    DecodeError,
    HttpResponseError,
    ResourceNotFoundError,
    ServiceRequestError,
    ServiceResponseError,
)

from jobs.azure.errors import error_reason, login_hint
from jobs.errors import ErrorKind, JobError
from jobs.notice import say_if_slow
from jobs.pipeline.data_factory.client import FactoryClient, is_factory_missing
from jobs.pipeline.data_factory.queries import has_ended, query_run
from jobs.pipeline.results import PipelineRun
from jobs.terminal import log
from jobs.wait import backoff

FIRST_SECONDS, LONGEST_SECONDS = 5.0, 30.0
GROWTH = 1.5
MAX_FAILED_POLLS = 20  # in a row, each retried by the client itself: about ten minutes
MAX_FAILED_LOGINS = 2  # in a row: a token that expires during the run is renewed with the next poll
TRANSIENT_STATUSES = (408, 429, 500, 502, 503, 504)

Show: TypeAlias = Callable[[PipelineRun], None]


@say_if_slow("Waiting for the run to end")
def wait_for_run(factory: FactoryClient, run_id: str, show: Show) -> PipelineRun:
    """The run once it has ended; `show` is called with each poll's result. Raises JobError when polls keep failing.

    The pauses grow while nothing changes. A loop of its own, not `wait_until`: it has no time limit, but a limit of
    failed polls in a row.
    """
    last: PipelineRun | None = None
    pause, failures = FIRST_SECONDS, 0
    while True:
        try:
            run = query_run(factory, run_id)
        except AzureError as error:
            failures += 1
            if failures > allowed_failures(error, seen=last is not None):
                raise lost_run_error(factory, run_id, error) from error
            log(f"Azure does not report the run's state for now ({error_reason(error)}): trying again.")
        else:
            show(run)
            if has_ended(run):
                return run
            if last is None or activity_states(last) != activity_states(run):
                pauses = backoff(FIRST_SECONDS, LONGEST_SECONDS, GROWTH)
            last, failures, pause = run, 0, next(pauses)
        factory.wait(pause)


def allowed_failures(error: AzureError, seen: bool) -> int:
    """How many polls in a row may fail with this error; 0 for one that is final.

    A login that worked before, when the run was `seen`, is retried.
    """
    if isinstance(error, ClientAuthenticationError):
        return MAX_FAILED_LOGINS if seen else 0
    if isinstance(error, ServiceRequestError | ServiceResponseError | DecodeError):
        return MAX_FAILED_POLLS
    return MAX_FAILED_POLLS if isinstance(error, HttpResponseError) and error.status_code in TRANSIENT_STATUSES else 0


def activity_states(run: PipelineRun) -> list[tuple[str, str]]:
    """The statuses of the run and its activities: when one changes, the next poll comes soon."""
    return [("", run.status), *((each.name, each.status) for each in run.activities)]


def lost_run_error(factory: FactoryClient, run_id: str, error: AzureError) -> JobError:
    """Why the wait ends before the run. The run may go on, so running the same command again would be wrong."""
    if isinstance(error, ResourceNotFoundError) and not is_factory_missing(error, factory):
        return run_not_found_error(factory, run_id)
    reason = error_reason(error)
    no_login = isinstance(error, ClientAuthenticationError)
    login = f"run `{login_hint(reason)}`, then " if no_login else ""
    return JobError(
        f"Azure does not report the state of the run {run_id} in {factory.label} ({reason}), and it may go on: {login}"
        f"follow it with `python -m jobs run-pipeline --follow {run_id} {factory.stack_flags}`.",
        ErrorKind.refused if no_login else ErrorKind.unavailable,
    )


def run_not_found_error(factory: FactoryClient, run_id: str) -> JobError:
    return JobError(
        f"There is no run {run_id} in {factory.label}: `python -m jobs runs {factory.stack_flags}` lists the runs.",
        ErrorKind.not_found,
    )
