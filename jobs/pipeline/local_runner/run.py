"""Run a pipeline of `adf/` here as Data Factory would: the same files, the laptop's services.

Everything that can be known before the run is checked before it; what fails in the run is part of its result.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from threading import Event
from typing import Any, TypeAlias
from uuid import uuid4

from jobs import PROJECT
from jobs.errors import JobError
from jobs.pipeline.documents import Documents
from jobs.pipeline.local_runner import attempts, copy_activity, schedule
from jobs.pipeline.local_runner.attempts import Prepared, Task
from jobs.pipeline.local_runner.expressions import UNRESOLVED, Functions
from jobs.pipeline.local_runner.linked_services import Services
from jobs.pipeline.local_runner.pipeline import Activity, Pipeline, parse_pipeline
from jobs.pipeline.local_runner.resolve import pipeline_functions
from jobs.pipeline.results import ActivityRun, PipelineRun
from jobs.progress import Log, serialize_calls
from jobs.target import Target

# What checks an activity of each type, and says how it is done.
Handler: TypeAlias = Callable[[Activity, Services, Functions], Prepared]
HANDLERS: dict[str, Handler] = {"Copy": copy_activity.prepare}


def run_locally(
    target: Target,
    name: str,
    parameters: Mapping[str, str],
    adf: Path = PROJECT / "adf",
    progress: Log | None = None,
) -> PipelineRun:
    """Run the pipeline `name` of the folder `adf`; `parameters` are as on a command line, `progress` is told lines.

    Raises Failure for what is wrong before anything runs. An activity that fails is told in the result.
    """
    documents = Documents(adf, asdict(target))
    pipeline = parse_pipeline(documents.pipeline(name))
    values = pipeline.parameters.run(parameters)
    system = {"Pipeline": name, "RunId": str(uuid4()), "parameters": values}
    running = LocalRun(pipeline, Services(documents, target), system, serialize_calls(progress or (lambda line: None)))
    running.check()
    return running.ended(schedule.run_activities(pipeline, running.execute, running.stop))


@dataclass(frozen=True)
class LocalRun:
    """One run; `system` is what pipeline() gives in expressions."""

    pipeline: Pipeline
    services: Services
    system: Mapping[str, Any]
    say: Log
    stop: Event = field(default_factory=Event)

    def check(self) -> None:
        """Prepare every activity without running it. Raises Failure."""
        for activity in self.pipeline.activities:
            self.prepared(activity, dict.fromkeys(self.pipeline.before(activity), UNRESOLVED))

    def prepared(self, activity: Activity, outputs: Mapping[str, Any]) -> Prepared:
        if activity.type not in HANDLERS:
            raise JobError(
                f'{activity.place}: the type "{activity.type}" is not implemented by the local runner '
                f"(it has {', '.join(HANDLERS)}): take the activity out, or run the pipeline on Azure."
            )
        return HANDLERS[activity.type](activity, self.services, pipeline_functions(self.system, outputs))

    def execute(self, activity: Activity, done: Mapping[str, ActivityRun]) -> ActivityRun:
        """Run one activity, when those before it are done."""

        def say(line: str) -> None:
            self.say(f"{activity.name}: {line}")

        outputs = {name: done[name].output for name in self.pipeline.before(activity)}
        say("started")
        outcome = attempts.run_with_retries(
            Task(activity.name, lambda: self.prepared(activity, outputs)(), self.stop, say)
        )
        say(f"{outcome.status.lower()} after {outcome.duration:.1f} s")
        return outcome

    def ended(self, done: Mapping[str, ActivityRun]) -> PipelineRun:
        failures = schedule.failures(self.pipeline, done)
        error = " ".join(f"Operation on target {failure.name} failed: {failure.error}" for failure in failures)
        activities = tuple(done[activity.name] for activity in self.pipeline.activities)
        status = "Failed" if failures else "Succeeded"
        return PipelineRun(self.pipeline.name, str(self.system["RunId"]), status, activities, error or None)
