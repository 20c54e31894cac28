"""Query Data Factory for runs: all pages of an answer, and one run with its activities as they are now.

https://learn.microsoft.com/rest/api/datafactory/pipeline-runs and .../activity-runs
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Protocol, TypeAlias

from azure.mgmt.datafactory.models import ActivityRun as AzureActivityRun
from azure.mgmt.datafactory.models import PipelineRun as AzurePipelineRun
from azure.mgmt.datafactory.models import RunFilterParameters, RunQueryFilter, RunQueryOrderBy

from jobs.pipeline import RETENTION_DAYS
from jobs.pipeline.data_factory.client import FactoryClient, parse_answer
from jobs.pipeline.results import ActivityRun, PipelineRun

UNFINISHED = ("Queued", "InProgress", "Canceling")
RETENTION = timedelta(days=RETENTION_DAYS)
CLOCK_SKEW = timedelta(days=1)  # this machine's clock may be wrong, or its time zone
ERROR_KEYS = ("errorCode", "failureType", "target")


class Page(Protocol):
    """One page of an answer. All of Data Factory's queries have this shape."""

    value: Any
    continuation_token: str | None


Query: TypeAlias = Callable[[RunFilterParameters], Page]


def has_ended(run: PipelineRun) -> bool:
    return run.status not in UNFINISHED


def query_pages(query: Query, window: RunFilterParameters) -> Iterator[Any]:
    """The elements of all pages."""
    while True:
        page = parse_answer(partial(query, window))
        yield from page.value or []
        if not page.continuation_token:
            return
        window.continuation_token = page.continuation_token


def query_run(factory: FactoryClient, run_id: str) -> PipelineRun:
    """The run `run_id` as it is now. Raises AzureError."""
    get = factory.client.pipeline_runs.get
    run = parse_answer(partial(get, factory.resource_group, factory.name, run_id))
    return PipelineRun(
        pipeline=str(run.pipeline_name),
        run_id=run_id,
        status=str(run.status),
        activities=query_activities(factory, run_id, run.run_start),
        error=run.message or None,
        duration=(run.duration_in_ms or 0) / 1000,
    )


def query_runs(factory: FactoryClient, since: datetime, pipeline: str | None = None) -> list[AzurePipelineRun]:
    """All runs that were updated after `since`, newest first."""
    filters = [RunQueryFilter(operand="PipelineName", operator="Equals", values=[pipeline])] if pipeline else None
    window = RunFilterParameters(
        last_updated_after=since,
        last_updated_before=datetime.now(UTC) + CLOCK_SKEW,
        filters=filters,
        order_by=[RunQueryOrderBy(order_by="RunStart", order="DESC")],
    )

    def query(window: RunFilterParameters) -> Page:
        return factory.client.pipeline_runs.query_by_factory(factory.resource_group, factory.name, window)

    return sorted(query_pages(query, window), key=lambda run: run.run_start or datetime.now(UTC), reverse=True)


def query_activities(factory: FactoryClient, run_id: str, started: datetime | None) -> tuple[ActivityRun, ...]:
    """The activities of a run in the order of their start, the latest attempt of each."""
    now = datetime.now(UTC)
    window = RunFilterParameters(
        last_updated_after=(started or now - RETENTION) - CLOCK_SKEW, last_updated_before=now + CLOCK_SKEW
    )

    def query(window: RunFilterParameters) -> Page:
        return factory.client.activity_runs.query_by_pipeline_run(factory.resource_group, factory.name, run_id, window)

    activities: Iterable[AzureActivityRun] = query_pages(query, window)
    attempts: dict[tuple[str, Any], list[AzureActivityRun]] = {}
    for each in sorted(activities, key=lambda each: each.activity_run_start or now):
        # An activity in a loop has the same name in each iteration, but another hash.
        iteration = (each.additional_properties or {}).get("iterationHash")
        attempts.setdefault((str(each.activity_name), iteration), []).append(each)
    return tuple(to_activity(runs, now) for runs in attempts.values())


def to_activity(attempts: list[AzureActivityRun], now: datetime) -> ActivityRun:
    """An activity, by the latest of its attempts."""
    last = attempts[-1]
    error = last.error if isinstance(last.error, dict) else {}
    output = last.output if isinstance(last.output, dict) else {}
    failed = bool(error.get("message") or error.get("errorCode"))
    error_details = {key: error[key] for key in ERROR_KEYS if failed and error.get(key)}
    return ActivityRun(
        name=str(last.activity_name),
        status=str(last.status),
        output=output,
        error=error.get("message") or None,
        attempts=len(attempts),
        duration=activity_seconds(last, now),
        error_details=error_details,
    )


def activity_seconds(activity: AzureActivityRun, now: datetime) -> float:
    """An activity's duration so far. Azure may not give it for one that still runs."""
    if activity.duration_in_ms is not None:
        return activity.duration_in_ms / 1000
    return max((now - activity.activity_run_start).total_seconds(), 0.0) if activity.activity_run_start else 0.0
