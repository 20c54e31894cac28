"""runs: list the pipeline runs of the last days, of a stack's factory or of this computer; or show one of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from jobs.notice import say_if_slow
from jobs.pipeline.history import kept_run, kept_runs
from jobs.pipeline.results import PipelineResult, RunSummary
from jobs.pipeline.run import to_result
from jobs.target import Target

if TYPE_CHECKING:
    from azure.mgmt.datafactory.models import PipelineRun

ANY_STACK = "--target STACK"
HERE = "this computer"


@dataclass(frozen=True, kw_only=True)
class RunsResult:
    """The latest runs, newest first. `found` is the number of all runs in the last `days`."""

    factory: str
    days: int
    found: int
    runs: list[RunSummary]

    def summary(self) -> str:
        if not self.runs:
            return f"No runs in {self.factory} in the last {self.days} days."
        heading = f"{len(self.runs)} of {self.found} runs in {self.factory} in the last {self.days} days:"
        return "\n".join([heading, *(line for run in self.runs for line in run.lines())])


@say_if_slow("Asking the factory for its runs")
def list_runs(target: Target, days: int, limit: int, stack_flags: str = ANY_STACK) -> RunsResult:
    """The latest `limit` runs of the last `days`. Raises JobError."""
    from jobs.pipeline.data_factory.client import open_factory, translate_factory_errors
    from jobs.pipeline.data_factory.queries import query_runs

    with open_factory(target, stack_flags) as factory, translate_factory_errors(factory):
        azure_runs = query_runs(factory, datetime.now(UTC) - timedelta(days=days))
    return RunsResult(
        factory=target.factory_name,
        days=days,
        found=len(azure_runs),
        runs=[to_summary(run) for run in azure_runs[:limit]],
    )


def list_local_runs(days: int, limit: int) -> RunsResult:
    """The latest runs of the local runner."""
    found = kept_runs(days)
    return RunsResult(factory=HERE, days=days, found=len(found), runs=found[:limit])


@say_if_slow("Asking the factory for the run")
def show_run(target: Target | None, run_id: str, stack_flags: str = ANY_STACK) -> PipelineResult:
    """One run with its activities as they are now; without a target one of this computer. Raises JobError."""
    if target is None:
        return kept_run(run_id)
    from jobs.pipeline.data_factory.client import open_factory
    from jobs.pipeline.data_factory.run import get_run

    with open_factory(target, stack_flags) as factory:
        return to_result(get_run(factory, run_id))


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
