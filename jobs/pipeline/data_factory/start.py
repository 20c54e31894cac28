"""Start a run in Data Factory once, also when the answer is lost.

https://learn.microsoft.com/rest/api/datafactory/pipelines/create-run
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from azure.core.exceptions import AzureError, DecodeError, HttpResponseError, ServiceResponseError

from jobs.azure.errors import error_reason
from jobs.errors import ErrorKind, JobError, StoppedError
from jobs.pipeline.data_factory.client import FactoryClient, parse_answer, translate_factory_errors
from jobs.pipeline.data_factory.queries import query_runs

LISTING_DELAY_SECONDS = 10.0  # until Azure lists a run that has started
CLOCK_TOLERANCE = timedelta(minutes=5)  # the difference between two clocks


@dataclass(frozen=True)
class Start:
    """What to start: a pipeline with `parameters`, or the failed activities of the run `after` with its parameters."""

    pipeline: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    after: str | None = None

    def arguments(self) -> dict[str, Any]:
        if self.after is None:
            return {"parameters": dict(self.parameters)}
        return {"reference_pipeline_run_id": self.after, "is_recovery": True, "start_from_failure": True}


def start_run(factory: FactoryClient, start: Start) -> str:
    """Start a run and return its id. Raises JobError when Azure refuses it, or does not say whether it started."""
    since = datetime.now(UTC)
    message = f"There is no pipeline {start.pipeline} in {factory.label}: run `pulumi up`."
    try:
        with translate_factory_errors(factory, JobError(message, ErrorKind.not_found)):
            return create_run(factory, start, since)
    except KeyboardInterrupt:
        raise StoppedError(
            f"Stopped while {start.pipeline} was being started: check with `python -m jobs runs {factory.stack_flags}` "
            "whether it runs."
        ) from None


def create_run(factory: FactoryClient, start: Start, since: datetime) -> str:
    """Request a run and return its id. Raises AzureError when Azure refuses it, JobError when it may have started."""
    create = partial(factory.client.pipelines.create_run, factory.resource_group, factory.name, start.pipeline)
    try:
        answer = parse_answer(partial(create, **start.arguments()))
    except AzureError as error:
        if is_certainly_refused(error):
            raise
        raise unknown_start_error(factory, start.pipeline, since, error_reason(error)) from error
    if not answer.run_id:
        raise unknown_start_error(factory, start.pipeline, since, "no run id in its answer")
    return str(answer.run_id)


def is_certainly_refused(error: AzureError) -> bool:
    """Whether no run can have started: Azure refused the request, or never received it."""
    if isinstance(error, ServiceResponseError | DecodeError):
        return False
    status = error.status_code if isinstance(error, HttpResponseError) else None
    return status is None or 400 <= status < 500


def unknown_start_error(factory: FactoryClient, pipeline: str, since: datetime, reason: str) -> JobError:
    """What to do where a run may have started: never start another one that the user does not know of."""
    factory.wait(LISTING_DELAY_SECONDS)
    try:
        runs = query_runs(factory, since - CLOCK_TOLERANCE, pipeline)
    except AzureError:
        runs = []
    started = [run for run in runs if run.run_start is None or run.run_start >= since - CLOCK_TOLERANCE]
    sentence = f"Azure did not say whether {pipeline} started in {factory.label} ({reason})"
    if not started:
        return JobError(
            f"{sentence}, and lists no run of it yet: check with `python -m jobs runs {factory.stack_flags}` before "
            "you run the same command again, which would start another run.",
            ErrorKind.unavailable,
        )
    return JobError(
        f"{sentence}, but lists a run that started just now: follow it with "
        f"`python -m jobs run-pipeline --follow {started[0].run_id} {factory.stack_flags}`.",
        ErrorKind.unavailable,
    )
