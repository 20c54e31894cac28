"""Run a pipeline in Data Factory itself and wait for it: the same result as that of the local runner, jobs/factory.

Azure takes the pipeline as it was deployed; adf/ is read here only to know which parameters it declares.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError, ResourceNotFoundError
from azure.identity import DefaultAzureCredential
from azure.mgmt.datafactory import DataFactoryManagementClient
from azure.mgmt.datafactory.models import ActivityRun as AzureActivityRun
from azure.mgmt.datafactory.models import PipelineRun as AzurePipelineRun
from azure.mgmt.datafactory.models import RunFilterParameters

from jobs import PROJECT
from jobs.factory.documents import Documents
from jobs.factory.pipeline import defined
from jobs.factory.results import ActivityRun, PipelineRun
from jobs.failure import Failure
from jobs.target import Target

POLL_SECONDS = 5.0
UNFINISHED = ("Queued", "InProgress", "Canceling")

Say: TypeAlias = Callable[[str], None]


@dataclass(frozen=True)
class Factory:
    """A factory by its client; `wait` is called with the seconds between two looks."""

    client: DataFactoryManagementClient
    resource_group: str
    name: str
    wait: Callable[[float], None] = time.sleep


def run(target: Target, name: str, parameters: Mapping[str, str], progress: Say) -> PipelineRun:
    """Start the pipeline `name`, wait until it has ended, and tell each activity as Azure tells it.

    Raises Failure when it cannot be started or followed. Interrupted, it leaves the run going on, and says so.
    """
    values = defined(Documents(PROJECT / "adf", asdict(target)).pipeline(name)).parameters.run(parameters)
    with DataFactoryManagementClient(DefaultAzureCredential(), target.subscription_id) as client:
        return follow(Factory(client, target.resource_group, target.factory_name), name, values, progress)


def follow(factory: Factory, name: str, values: Mapping[str, Any], say: Say) -> PipelineRun:
    with told(factory, name):
        started = factory.client.pipelines.create_run(
            factory.resource_group, factory.name, name, parameters=dict(values)
        )
        run_id = str(started.run_id)
        say(f"{name}: run {run_id}")
        try:
            ended = wait_for(factory, run_id, say)
        except KeyboardInterrupt:
            say(f"The run {run_id} goes on in Azure: see Monitor in Data Factory Studio.")
            raise
        found = tuple(activity_run(each) for each in activities(factory, run_id))
    return PipelineRun(name, run_id, str(ended.status), found, ended.message or None)


def wait_for(factory: Factory, run_id: str, say: Say) -> AzurePipelineRun:
    """The run when it has ended; what changes meanwhile is told."""
    last: dict[str, str] = {}
    while True:
        run = factory.client.pipeline_runs.get(factory.resource_group, factory.name, run_id)
        now = {str(each.activity_name): str(each.status) for each in activities(factory, run_id)}
        for name, status in {str(run.pipeline_name): str(run.status), **now}.items():
            if last.get(name) != status:
                say(f"{name}: {status}")
            last[name] = status
        if run.status not in UNFINISHED:
            return run
        factory.wait(POLL_SECONDS)


def activities(factory: Factory, run_id: str) -> Iterator[AzureActivityRun]:
    """Every activity of a run, all pages of the answer, the latest attempt of each."""
    now = datetime.now(UTC)
    window = RunFilterParameters(
        last_updated_after=now - timedelta(days=7), last_updated_before=now + timedelta(hours=1)
    )
    latest: dict[str, AzureActivityRun] = {}
    while True:
        page = factory.client.activity_runs.query_by_pipeline_run(factory.resource_group, factory.name, run_id, window)
        for each in page.value:
            latest[str(each.activity_name)] = each
        if not page.continuation_token:
            yield from latest.values()
            return
        window.continuation_token = page.continuation_token


def activity_run(each: AzureActivityRun) -> ActivityRun:
    error = each.error if isinstance(each.error, dict) else {}
    output = each.output if isinstance(each.output, dict) else {}
    seconds = (each.duration_in_ms or 0) / 1000
    return ActivityRun(str(each.activity_name), str(each.status), output, error.get("message") or None, 1, seconds)


@contextmanager
def told(factory: Factory, pipeline: str) -> Iterator[None]:
    """Tell what Azure refuses as a Failure that names what to do."""
    place = f"the factory {factory.name} of {factory.resource_group}"
    try:
        yield
    except ClientAuthenticationError as error:
        raise Failure(f"Azure does not know you ({first_line(error)}): run `az login`.") from error
    except ResourceNotFoundError as error:
        raise Failure(f"There is no {pipeline} in {place} ({first_line(error)}): run `pulumi up`.") from error
    except HttpResponseError as error:
        role = " (it needs the role Data Factory Contributor)" if error.status_code == 403 else ""
        raise Failure(f"Azure refuses to run {pipeline} in {place}{role}: {first_line(error)}") from error
    except AzureError as error:
        raise Failure(f"{place} cannot be reached ({first_line(error)}): run the same command again.") from error


def first_line(error: AzureError) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
