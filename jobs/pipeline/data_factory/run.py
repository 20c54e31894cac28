"""Run a pipeline in Data Factory itself and wait for it. The result has the same type as the local runner's.

Azure runs the pipeline as it was deployed; adf/ is read only for the parameters that it declares. Each function raises
JobError when the run cannot be started or followed, and StoppedError when the user leaves it running. `stack_flags` are
the flags that name the stack in the commands of messages.
"""

from collections.abc import Mapping
from dataclasses import asdict

from jobs import PROJECT
from jobs.errors import ErrorKind, JobError
from jobs.pipeline.data_factory.board import open_board
from jobs.pipeline.data_factory.client import ANY_STACK, FactoryClient, open_factory, translate_factory_errors
from jobs.pipeline.data_factory.interrupt import ask_and_stop, follow_command, request_cancel
from jobs.pipeline.data_factory.queries import has_ended, query_run
from jobs.pipeline.data_factory.start import Start, start_run
from jobs.pipeline.data_factory.wait import run_not_found_error, wait_for_run
from jobs.pipeline.definition import parse_pipeline
from jobs.pipeline.documents import Documents
from jobs.pipeline.results import PipelineRun
from jobs.target import Target
from jobs.terminal import log


def run_on_azure(target: Target, name: str, parameters: Mapping[str, str], stack_flags: str = ANY_STACK) -> PipelineRun:
    """Start the pipeline `name` and wait until it has ended; `parameters` are as on a command line."""
    values = parse_pipeline(Documents(PROJECT / "adf", asdict(target)).read_pipeline(name)).parameters.parse_values(
        parameters
    )
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
    """Run the failed activities of a run again with its parameters, and wait until the new run has ended."""
    with open_factory(target, stack_flags) as factory:
        return start_rerun(factory, run_id)


def request_cancellation(factory: FactoryClient, run_id: str) -> PipelineRun:
    run = get_run(factory, run_id)
    if has_ended(run):
        message = f"The run {run_id} has ended already ({run.status}): there is nothing to cancel."
        raise JobError(message, ErrorKind.conflict)
    request_cancel(factory, run_id)
    return watch_run(factory, run_id)


def start_rerun(factory: FactoryClient, run_id: str) -> PipelineRun:
    run = get_run(factory, run_id)
    if not has_ended(run):
        follow = follow_command(factory, "--follow", run_id)
        raise JobError(
            f"The run {run_id} has not ended yet ({run.status}): follow it with `{follow}`.", ErrorKind.conflict
        )
    if run.status == "Succeeded":
        raise JobError(
            f"The run {run_id} succeeded: run the whole pipeline with "
            f"`python -m jobs run-pipeline {factory.stack_flags}`.",
            ErrorKind.conflict,
        )
    return start_and_watch(factory, Start(run.pipeline, after=run_id))


def get_run(factory: FactoryClient, run_id: str) -> PipelineRun:
    with translate_factory_errors(factory, run_not_found_error(factory, run_id)):
        return query_run(factory, run_id)


def start_and_watch(factory: FactoryClient, start: Start) -> PipelineRun:
    run_id = start_run(factory, start)
    log(f"{start.pipeline}: run {run_id}")
    return watch_run(factory, run_id)


def watch_run(factory: FactoryClient, run_id: str) -> PipelineRun:
    """The run once it has ended. Ctrl-C asks the user what to do with it."""
    while True:
        try:
            with open_board() as show:
                return wait_for_run(factory, run_id, show)
        except KeyboardInterrupt:
            ask_and_stop(factory, run_id)
