"""Run a pipeline in Data Factory itself and wait for it: the same result as that of the local runner, jobs/factory.

Azure takes the pipeline as it was deployed; adf/ is read here only to know which parameters it declares. Each function
raises Failure when the run cannot be started or followed, and Stopped where the person leaves it running; `options` are
what names the stack on the command line.
"""

from collections.abc import Mapping
from dataclasses import asdict

from jobs import PROJECT
from jobs.errors import JobError
from jobs.pipeline.data_factory.board import shown
from jobs.pipeline.data_factory.client import STACK, Factory, asked, opened
from jobs.pipeline.data_factory.interrupt import command, decide, request_cancel
from jobs.pipeline.data_factory.queries import ended, look
from jobs.pipeline.data_factory.start import Start, create
from jobs.pipeline.data_factory.wait import no_run, wait_for
from jobs.pipeline.documents import Documents
from jobs.pipeline.local_runner.pipeline import defined
from jobs.pipeline.results import PipelineRun
from jobs.target import Target
from jobs.terminal import log


def run(target: Target, name: str, parameters: Mapping[str, str], options: str = STACK) -> PipelineRun:
    """Start the pipeline `name` and wait until it has ended; `parameters` are as on a command line."""
    values = defined(Documents(PROJECT / "adf", asdict(target)).pipeline(name)).parameters.run(parameters)
    with opened(target, options) as factory:
        return started(factory, Start(name, values))


def follow(target: Target, run_id: str, options: str = STACK) -> PipelineRun:
    """Wait until a run that was started before has ended."""
    with opened(target, options) as factory:
        return watched(factory, run_id)


def cancel(target: Target, run_id: str, options: str = STACK) -> PipelineRun:
    """Cancel a run, and wait until it has ended."""
    with opened(target, options) as factory:
        return cancelled(factory, run_id)


def from_failure(target: Target, run_id: str, options: str = STACK) -> PipelineRun:
    """Start a run again from the activities that failed, with the parameters it had, and wait until it has ended."""
    with opened(target, options) as factory:
        return started_again(factory, run_id)


def cancelled(factory: Factory, run_id: str) -> PipelineRun:
    now = found(factory, run_id)
    if ended(now):
        raise JobError(f"The run {run_id} has ended already ({now.status}): there is nothing to cancel.")
    request_cancel(factory, run_id)
    return watched(factory, run_id)


def started_again(factory: Factory, run_id: str) -> PipelineRun:
    now = found(factory, run_id)
    if not ended(now):
        follow_it = command(factory, "--follow", run_id)
        raise JobError(f"The run {run_id} has not ended yet ({now.status}): follow it with `{follow_it}`.")
    if now.status == "Succeeded":
        raise JobError(
            f"The run {run_id} succeeded: run the whole pipeline with `python -m jobs run-pipeline {factory.options}`."
        )
    return started(factory, Start(now.pipeline, after=run_id))


def found(factory: Factory, run_id: str) -> PipelineRun:
    with asked(factory, no_run(factory, run_id)):
        return look(factory, run_id)


def started(factory: Factory, start: Start) -> PipelineRun:
    run_id = create(factory, start)
    log(f"{start.pipeline}: run {run_id}")
    return watched(factory, run_id)


def watched(factory: Factory, run_id: str) -> PipelineRun:
    """The run when it has ended; Ctrl-C asks what is to become of it."""
    while True:
        try:
            with shown() as show:
                return wait_for(factory, run_id, show)
        except KeyboardInterrupt:
            decide(factory, run_id)
