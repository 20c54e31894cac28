"""Start a run in Data Factory: once, whatever happens to the answer.

https://learn.microsoft.com/rest/api/datafactory/pipelines/create-run
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from azure.core.exceptions import AzureError, DecodeError, HttpResponseError, ServiceResponseError

from jobs.azure.errors import error_reason
from jobs.errors import JobError, StoppedError
from jobs.pipeline.data_factory.client import FactoryClient, parse_answer, translate_factory_errors
from jobs.pipeline.data_factory.queries import query_runs

LISTED_SECONDS = 10.0  # until a run that has begun is in the lists of runs
CLOCKS = timedelta(minutes=5)  # by which two clocks may differ


@dataclass(frozen=True)
class Start:
    """What to start: a pipeline with `parameters`, or again from where the run `after` failed, with that run's."""

    pipeline: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    after: str | None = None

    def arguments(self) -> dict[str, Any]:
        if self.after is None:
            return {"parameters": dict(self.parameters)}
        return {"reference_pipeline_run_id": self.after, "is_recovery": True, "start_from_failure": True}


def start_run(factory: FactoryClient, start: Start) -> str:
    """Start a run; its id. Raises Failure when Azure refuses it, or does not tell whether it began."""
    since = datetime.now(UTC)
    absent = JobError(f"There is no pipeline {start.pipeline} in {factory.place}: run `pulumi up`.")
    try:
        with translate_factory_errors(factory, absent):
            return find_started_run(factory, start, since)
    except KeyboardInterrupt:
        raise StoppedError(
            f"Stopped while Azure was asked to run {start.pipeline}: see with `python -m jobs runs {factory.stack_flags}` "
            "whether it runs."
        ) from None


def find_started_run(factory: FactoryClient, start: Start, since: datetime) -> str:
    create_run = partial(factory.client.pipelines.create_run, factory.resource_group, factory.name, start.pipeline)
    try:
        answer = parse_answer(partial(create_run, **start.arguments()))
    except AzureError as error:
        if is_certain_refusal(error):
            raise
        raise unknown_start_error(factory, start.pipeline, since, error_reason(error)) from error
    if not answer.run_id:
        raise unknown_start_error(factory, start.pipeline, since, "no run id in its answer")
    return str(answer.run_id)


def is_certain_refusal(error: AzureError) -> bool:
    """Whether nothing can have begun: Azure refused the request, or it never reached Azure."""
    if isinstance(error, ServiceResponseError | DecodeError):
        return False
    status = error.status_code if isinstance(error, HttpResponseError) else None
    return status is None or 400 <= status < 500


def unknown_start_error(factory: FactoryClient, pipeline: str, since: datetime, why: str) -> JobError:
    """What to do where a run may have begun: another one is never started for somebody who does not know of it."""
    factory.wait(LISTED_SECONDS)
    try:
        runs = query_runs(factory, since - CLOCKS, pipeline)
    except AzureError:
        runs = []
    begun = [run for run in runs if run.run_start is None or run.run_start >= since - CLOCKS]
    said = f"Azure did not say whether {pipeline} began in {factory.place} ({why})"
    if not begun:
        return JobError(
            f"{said}, and lists no run of it yet: look with `python -m jobs runs {factory.stack_flags}` before you run the "
            "same command again, which would start another."
        )
    return JobError(
        f"{said}, but lists a run that began just now: follow it with "
        f"`python -m jobs run-pipeline --follow {begun[0].run_id} {factory.stack_flags}`."
    )
