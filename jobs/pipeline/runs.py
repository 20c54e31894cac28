"""runs: list the pipeline runs of a stack's factory in the last days."""

from datetime import UTC, datetime, timedelta

from azure.mgmt.datafactory.models import PipelineRun

from jobs.notice import say_if_slow
from jobs.pipeline.data_factory.client import ANY_STACK, open_factory, translate_factory_errors
from jobs.pipeline.data_factory.queries import query_runs
from jobs.pipeline.run_summary import RunsResult, RunSummary
from jobs.target import Target


@say_if_slow("Asking the factory for its runs")
def list_runs(target: Target, days: int, limit: int, stack_flags: str = ANY_STACK) -> RunsResult:
    """The latest `limit` runs of the last `days`. Raises JobError."""
    with open_factory(target, stack_flags) as factory, translate_factory_errors(factory):
        azure_runs = query_runs(factory, datetime.now(UTC) - timedelta(days=days))
    return RunsResult(
        factory=target.factory_name,
        days=days,
        found=len(azure_runs),
        runs=[to_summary(run) for run in azure_runs[:limit]],
    )


def to_summary(run: PipelineRun) -> RunSummary:
    return RunSummary(
        run_id=str(run.run_id),
        pipeline=str(run.pipeline_name),
        status=str(run.status),
        start=run.run_start.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if run.run_start else None,
        seconds=(run.duration_in_ms or 0) / 1000,
        invoked_by=str(run.invoked_by.name) if run.invoked_by and run.invoked_by.name else "unknown",
        message=run.message or None,
    )
