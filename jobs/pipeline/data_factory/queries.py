"""What Data Factory tells of runs: all pages of its answers, and one run with its activities at a moment.

https://learn.microsoft.com/rest/api/datafactory/pipeline-runs and .../activity-runs
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Protocol, TypeAlias

from azure.mgmt.datafactory.models import ActivityRun as AzureActivityRun
from azure.mgmt.datafactory.models import PipelineRun as AzurePipelineRun
from azure.mgmt.datafactory.models import RunFilterParameters, RunQueryFilter, RunQueryOrderBy

from jobs.pipeline.data_factory.client import FactoryClient, parse_answer
from jobs.pipeline.results import ActivityRun, PipelineRun

UNFINISHED = ("Queued", "InProgress", "Canceling")
RETENTION = timedelta(days=45)  # Data Factory forgets runs after that
SKEW = timedelta(days=1)  # this machine's clock may be wrong, and its time zone
FAULT = ("errorCode", "failureType", "target")


class Page(Protocol):
    """One answer of many; every query of Data Factory's has this shape."""

    value: Any
    continuation_token: str | None


Query: TypeAlias = Callable[[RunFilterParameters], Page]


def has_ended(run: PipelineRun) -> bool:
    return run.status not in UNFINISHED


def query_pages(query: Query, window: RunFilterParameters) -> Iterator[Any]:
    """Every element of a long answer."""
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
    """Every run that began or changed since then, newest first."""
    only = [RunQueryFilter(operand="PipelineName", operator="Equals", values=[pipeline])] if pipeline else None
    window = RunFilterParameters(
        last_updated_after=since,
        last_updated_before=datetime.now(UTC) + SKEW,
        filters=only,
        order_by=[RunQueryOrderBy(order_by="RunStart", order="DESC")],
    )

    def query(window: RunFilterParameters) -> Page:
        return factory.client.pipeline_runs.query_by_factory(factory.resource_group, factory.name, window)

    return sorted(query_pages(query, window), key=lambda run: run.run_start or datetime.now(UTC), reverse=True)


def query_activities(factory: FactoryClient, run_id: str, started: datetime | None) -> tuple[ActivityRun, ...]:
    """The activities of a run in the order in which they began, the latest attempt of each."""
    now = datetime.now(UTC)
    window = RunFilterParameters(last_updated_after=(started or now - RETENTION) - SKEW, last_updated_before=now + SKEW)

    def query(window: RunFilterParameters) -> Page:
        return factory.client.activity_runs.query_by_pipeline_run(factory.resource_group, factory.name, run_id, window)

    found: Iterable[AzureActivityRun] = query_pages(query, window)
    attempts: dict[tuple[str, Any], list[AzureActivityRun]] = {}
    for each in sorted(found, key=lambda each: each.activity_run_start or now):
        # An activity in a loop has the same name in each turn, which the hash tells apart.
        turn = (each.additional_properties or {}).get("iterationHash")
        attempts.setdefault((str(each.activity_name), turn), []).append(each)
    return tuple(to_activity(tries, now) for tries in attempts.values())


def to_activity(tries: list[AzureActivityRun], now: datetime) -> ActivityRun:
    """The latest of an activity's attempts."""
    last = tries[-1]
    error = last.error if isinstance(last.error, dict) else {}
    output = last.output if isinstance(last.output, dict) else {}
    failed = bool(error.get("message") or error.get("errorCode"))
    fault = {key: error[key] for key in FAULT if failed and error.get(key)}
    return ActivityRun(
        name=str(last.activity_name),
        status=str(last.status),
        output=output,
        error=error.get("message") or None,
        attempts=len(tries),
        duration=seconds(last, now),
        fault=fault,
    )


def seconds(each: AzureActivityRun, now: datetime) -> float:
    """How long an activity took; Azure may not tell it of one that still runs."""
    if each.duration_in_ms is not None:
        return each.duration_in_ms / 1000
    return max((now - each.activity_run_start).total_seconds(), 0.0) if each.activity_run_start else 0.0
