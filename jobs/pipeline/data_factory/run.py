"""Run a pipeline in Data Factory itself and wait for it: the same result as that of the local runner, jobs/factory.

Azure takes the pipeline as it was deployed; adf/ is read here only to know which parameters it declares. Each function
raises Failure when the run cannot be started or followed, and Stopped where the person leaves it running; `options` are
what names the stack on the command line.
"""

from collections.abc import Mapping
from dataclasses import asdict

from jobs import PROJECT
from jobs.errors import JobError
from jobs.pipeline.data_factory.board import open_board
from jobs.pipeline.data_factory.client import ANY_STACK, FactoryClient, open_factory, translate_factory_errors
from jobs.pipeline.data_factory.interrupt import ask_and_stop, follow_command, request_cancel
from jobs.pipeline.data_factory.queries import has_ended, query_run
from jobs.pipeline.data_factory.start import Start, start_run
from jobs.pipeline.data_factory.wait import run_not_found_error, wait_for_run
from jobs.pipeline.documents import Documents
from jobs.pipeline.local_runner.pipeline import parse_pipeline
from jobs.pipeline.results import PipelineRun
from jobs.target import Target
from jobs.terminal import log


def run_on_azure(target: Target, name: str, parameters: Mapping[str, str], stack_flags: str = ANY_STACK) -> PipelineRun:
    """Start the pipeline `name` and wait until it has ended; `parameters` are as on a command line."""
    values = parse_pipeline(Documents(PROJECT / "adf", asdict(target)).pipeline(name)).parameters.run(parameters)
    with open_factory(target, stack_flags) as factory:
        return start_and_watch(factory, Start(name, values))


def follow_run(target: Target, run_id: str, stack_flags: str = ANY_STACK) -> PipelineRun:
    """Wait until a run that was started before has ended."""
    with open_factory(target, stack_flags) as factory:
        return watch_run(factory, run_id)


def cancel_run(target: Target, run_id: str, stack_flags: str = ANY_STACK) -> PipelineRun:
    """Cancel a run, and wait until it has ended."""
    with open_factory(target, stack_flags) as factory:
        return request_cancellation(factory, run_id)


def rerun_from_failure(target: Target, run_id: str, stack_flags: str = ANY_STACK) -> PipelineRun:
    """Start a run again from the activities that failed, with the parameters it had, and wait until it has ended."""
    with open_factory(target, stack_flags) as factory:
        return start_rerun(factory, run_id)


def request_cancellation(factory: FactoryClient, run_id: str) -> PipelineRun:
    now = get_run(factory, run_id)
    if has_ended(now):
        raise JobError(f"The run {run_id} has ended already ({now.status}): there is nothing to cancel.")
    request_cancel(factory, run_id)
    return watch_run(factory, run_id)


def start_rerun(factory: FactoryClient, run_id: str) -> PipelineRun:
    now = get_run(factory, run_id)
    if not has_ended(now):
        follow_it = follow_command(factory, "--follow", run_id)
        raise JobError(f"The run {run_id} has not ended yet ({now.status}): follow it with `{follow_it}`.")
    if now.status == "Succeeded":
        raise JobError(
            f"The run {run_id} succeeded: run the whole pipeline with `python -m jobs run-pipeline {factory.stack_flags}`."
        )
    return start_and_watch(factory, Start(now.pipeline, after=run_id))


def get_run(factory: FactoryClient, run_id: str) -> PipelineRun:
    with translate_factory_errors(factory, run_not_found_error(factory, run_id)):
        return query_run(factory, run_id)


def start_and_watch(factory: FactoryClient, start: Start) -> PipelineRun:
    run_id = start_run(factory, start)
    log(f"{start.pipeline}: run {run_id}")
    return watch_run(factory, run_id)


def watch_run(factory: FactoryClient, run_id: str) -> PipelineRun:
    """The run when it has ended; Ctrl-C asks what is to become of it."""
    while True:
        try:
            with open_board() as show:
                return wait_for_run(factory, run_id, show)
        except KeyboardInterrupt:
            ask_and_stop(factory, run_id)
