"""Run a pipeline of `adf/` as Data Factory would: from the same documents, with the laptop's services.

Everything that can be checked before the run is checked before it; what fails during the run is part of its result.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from threading import Event
from typing import Any, TypeAlias
from uuid import uuid4

from jobs import PROJECT
from jobs.errors import ErrorKind, JobError
from jobs.pipeline.check_triggers import check_triggers
from jobs.pipeline.definition import Activity, Pipeline, parse_pipeline
from jobs.pipeline.documents import Documents
from jobs.pipeline.local_runner import attempts, copy_activity, schedule
from jobs.pipeline.local_runner.attempts import BuildWork, Task
from jobs.pipeline.local_runner.expressions import Functions
from jobs.pipeline.local_runner.linked_services import Services
from jobs.pipeline.local_runner.resolve import pipeline_functions
from jobs.pipeline.results import ActivityRun, PipelineRun
from jobs.pipeline.schema import UNRESOLVED
from jobs.progress import Log, serialize_calls
from jobs.target import Target

# Checks an activity, and returns the function that builds its work; one handler for each type.
Handler: TypeAlias = Callable[[Activity, Services, Functions], BuildWork]
MARKED = "it is inactive, and marked as Failed by onInactiveMarkAs."
HANDLERS: dict[str, Handler] = {"Copy": copy_activity.prepare_copy}


def run_locally(
    target: Target,
    name: str,
    parameters: Mapping[str, str],
    adf: Path = PROJECT / "adf",
    progress: Log | None = None,
) -> PipelineRun:
    """Run the pipeline `name` of the folder `adf`. `parameters` are texts, as of `-p`; `progress` gets lines of text.

    Raises JobError for everything that is wrong before an activity runs. An activity that fails is part of the result.
    """
    documents = Documents(adf, asdict(target))
    pipeline = parse_pipeline(documents.read_pipeline(name))
    values = pipeline.parameters.parse_values(parameters)
    check_triggers(documents, pipeline.name)
    system = {"Pipeline": pipeline.name, "RunId": str(uuid4()), "parameters": values}
    run = LocalRun(pipeline, Services(documents, target), system, serialize_calls(progress or (lambda line: None)))
    run.check_activities()
    return run.build_result(schedule.run_activities(pipeline, run.execute, run.stop))


@dataclass(frozen=True)
class LocalRun:
    """One run. `system` is the value of pipeline() in expressions."""

    pipeline: Pipeline
    services: Services
    system: Mapping[str, Any]
    log: Log
    stop: Event = field(default_factory=Event)

    def check_activities(self) -> None:
        """Prepare all active activities, without running them. Raises JobError."""
        inactive = {each.name for each in self.pipeline.activities if each.marked_as}
        for activity in self.pipeline.activities:
            if not activity.marked_as:
                earlier = self.pipeline.ancestors(activity)
                outputs: dict[str, Any] = {name: {} if name in inactive else UNRESOLVED for name in earlier}
                self.prepare_activity(activity, outputs)

    def prepare_activity(self, activity: Activity, outputs: Mapping[str, Any]) -> BuildWork:
        if activity.type not in HANDLERS:
            raise JobError(
                f'{activity.label}: the type "{activity.type}" is not implemented by the local runner '
                f"(it has {', '.join(HANDLERS)}): remove the activity, or run the pipeline on Azure.",
                ErrorKind.invalid,
            )
        return HANDLERS[activity.type](activity, self.services, pipeline_functions(self.system, outputs))

    def execute(self, activity: Activity, done: Mapping[str, ActivityRun]) -> ActivityRun:
        """Run one activity. `done` has the activities before it."""

        def log(line: str) -> None:
            self.log(f"{activity.name}: {line}")

        outputs = {name: done[name].output for name in self.pipeline.ancestors(activity)}
        log("started")
        outcome = attempts.run_with_retries(
            Task(activity.name, lambda: self.prepare_activity(activity, outputs)(), self.stop, log)
        )
        log(f"{outcome.status.lower()} after {outcome.duration:.1f} s")
        return outcome

    def build_result(self, done: Mapping[str, ActivityRun]) -> PipelineRun:
        failed = schedule.failed_activities(self.pipeline, done)
        error = " ".join(f"Operation on target {each.name} failed: {each.error or MARKED}" for each in failed)
        activities = tuple(done[activity.name] for activity in self.pipeline.activities)
        status = "Failed" if failed else "Succeeded"
        return PipelineRun(self.pipeline.name, str(self.system["RunId"]), status, activities, error or None)
