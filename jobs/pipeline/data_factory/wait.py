"""Wait until a run has ended, through whatever happens to the connection meanwhile."""

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
from jobs.errors import JobError
from jobs.pipeline.data_factory.client import FactoryClient, is_factory_missing
from jobs.pipeline.data_factory.queries import has_ended, query_run
from jobs.pipeline.results import PipelineRun
from jobs.terminal import log

FIRST_SECONDS, LONGEST_SECONDS = 5.0, 30.0
GROWTH = 1.5
LOST_LOOKS = 20  # one after the other, each tried again by the client itself: about ten minutes
LOST_LOGINS = 2  # a token that expires in the middle is renewed with the next look
PASSING = (408, 429, 500, 502, 503, 504)

Show: TypeAlias = Callable[[PipelineRun], None]


def wait_for_run(factory: FactoryClient, run_id: str, show: Show) -> PipelineRun:
    """The run when it has ended; every look at it is shown. Raises Failure when Azure no longer tells of it."""
    before: PipelineRun | None = None
    pause, lost = FIRST_SECONDS, 0
    while True:
        try:
            now = query_run(factory, run_id)
        except AzureError as error:
            lost += 1
            if lost > allowed_failures(error, seen=before is not None):
                raise lost_run_error(factory, run_id, error) from error
            log(f"Azure does not tell of the run for now ({error_reason(error)}): looking again.")
        else:
            show(now)
            if has_ended(now):
                return now
            pause = (
                min(pause * GROWTH, LONGEST_SECONDS)
                if before and activity_states(before) == activity_states(now)
                else FIRST_SECONDS
            )
            before, lost = now, 0
        factory.wait(pause)


def allowed_failures(error: AzureError, seen: bool) -> int:
    """How many looks in a row may fail so. A login that has worked before is tried again; another error is final."""
    if isinstance(error, ClientAuthenticationError):
        return LOST_LOGINS if seen else 0
    if isinstance(error, ServiceRequestError | ServiceResponseError | DecodeError):
        return LOST_LOOKS
    return LOST_LOOKS if isinstance(error, HttpResponseError) and error.status_code in PASSING else 0


def activity_states(run: PipelineRun) -> list[tuple[str, str]]:
    """What has to change for the next look to come soon."""
    return [("", run.status), *((each.name, each.status) for each in run.activities)]


def lost_run_error(factory: FactoryClient, run_id: str, error: AzureError) -> JobError:
    """Why the wait ends before the run; the run goes on, so running the same command again would be wrong."""
    if isinstance(error, ResourceNotFoundError) and not is_factory_missing(error, factory):
        return run_not_found_error(factory, run_id)
    said = error_reason(error)
    login = f"run `{login_hint(said)}`, then " if isinstance(error, ClientAuthenticationError) else ""
    return JobError(
        f"Azure does not tell how the run {run_id} in {factory.place} goes ({said}), and it may go on: {login}"
        f"follow it with `python -m jobs run-pipeline --follow {run_id} {factory.stack_flags}`."
    )


def run_not_found_error(factory: FactoryClient, run_id: str) -> JobError:
    return JobError(
        f"There is no run {run_id} in {factory.place}: `python -m jobs runs {factory.stack_flags}` lists those there are."
    )
