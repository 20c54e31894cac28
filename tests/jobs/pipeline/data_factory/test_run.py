"""Runs in Data Factory: the real client against the fake factory."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from jobs.errors import JobError, StoppedError
from jobs.pipeline.data_factory.client import FactoryClient
from jobs.pipeline.data_factory.run import request_cancellation, start_and_watch, start_rerun, watch_run
from jobs.pipeline.data_factory.start import Start
from tests.azure_fakes.cloud import Cloud
from tests.azure_fakes.data_factory import DataFactory, count_starts, requested_paths
from tests.azure_fakes.factory_answers import CREATE, FACTORY_PATH, FOLLOW, GROUP, PIPELINE, RERUN, RUN
from tests.jobs.cli_process import without_waits


def test_a_run_is_started_and_waited_for(
    cloud: Cloud, data_factory: DataFactory, factory_client: FactoryClient, capsys: pytest.CaptureFixture[str]
) -> None:
    data_factory.statuses = ["Queued", "InProgress", "InProgress", "Succeeded"]
    done = start_and_watch(factory_client, Start(PIPELINE, {"prefijoRuta": "raw/x/"}))
    first = cloud.requests[0]
    assert (first.method, first.path, first.body) == ("POST", FACTORY_PATH + CREATE, {"prefijoRuta": "raw/x/"})
    assert first.query == {"api-version": "2018-06-01"}
    poll = [f"GET /pipelineruns/{RUN}", *[f"POST /pipelineruns/{RUN}/queryActivityruns"] * 2]
    assert requested_paths(cloud)[1:] == poll * 4
    assert (done.pipeline, done.run_id, done.status, done.error, done.duration) == (
        PIPELINE,
        RUN,
        "Succeeded",
        None,
        28.105,
    )
    assert [(each.name, each.duration, each.output) for each in done.activities] == [
        ("Copy_Embeddings_PostgreSQL", 27.0, {"rowsRead": 350, "rowsCopied": 350}),
        ("Copy_Images_BlobStorage", 0.95, {"filesRead": 350, "filesWritten": 350}),
    ]
    assert without_waits(capsys.readouterr().err) == [
        f"{PIPELINE}: run {RUN}",
        f"{PIPELINE}: Queued",
        "Copy_Embeddings_PostgreSQL: Succeeded, 350 rows",
        "Copy_Images_BlobStorage: Succeeded, 350 files",
        f"{PIPELINE}: InProgress",
        f"{PIPELINE}: Succeeded",
    ]


def test_the_group_of_the_factory_is_in_every_path(cloud: Cloud, factory_client: FactoryClient) -> None:
    start_and_watch(factory_client, Start(PIPELINE))
    assert all(each.path.startswith(GROUP) for each in cloud.requests)


def test_a_run_is_cancelled_and_waited_for(
    cloud: Cloud, data_factory: DataFactory, factory_client: FactoryClient
) -> None:
    data_factory.statuses = ["InProgress"]
    assert request_cancellation(factory_client, RUN).status == "Cancelled"
    (cancel,) = [each for each in cloud.requests if each.path.endswith("/cancel")]
    assert (cancel.method, cancel.path) == ("POST", f"{FACTORY_PATH}/pipelineruns/{RUN}/cancel")
    assert cancel.query["isRecursive"] == "true"


def test_a_run_that_has_ended_is_not_cancelled(cloud: Cloud, factory_client: FactoryClient) -> None:
    with pytest.raises(JobError, match=f"{RUN} has ended already .Succeeded."):
        request_cancellation(factory_client, RUN)
    assert not any(each.path.endswith("/cancel") for each in cloud.requests)


def test_a_failed_run_is_rerun_from_its_failure(
    cloud: Cloud, data_factory: DataFactory, factory_client: FactoryClient
) -> None:
    data_factory.statuses = ["Failed"]
    done = start_rerun(factory_client, RUN)
    assert (done.run_id, done.status) == (RERUN, "Succeeded")
    (create,) = [each for each in cloud.requests if each.path.endswith("/createRun")]
    assert (create.path, create.body) == (FACTORY_PATH + CREATE, None)
    assert {key: value.lower() for key, value in create.query.items()} == {
        "api-version": "2018-06-01",
        "referencePipelineRunId": RUN,
        "isRecovery": "true",
        "startFromFailure": "true",
    }


@pytest.mark.parametrize(
    ("status", "sentence"), [("InProgress", f"not ended yet.*{FOLLOW}"), ("Succeeded", "succeeded: run the whole")]
)
def test_a_run_that_did_not_fail_is_not_rerun(
    cloud: Cloud, data_factory: DataFactory, factory_client: FactoryClient, status: str, sentence: str
) -> None:
    data_factory.statuses = [status]
    with pytest.raises(JobError, match=sentence):
        start_rerun(factory_client, RUN)
    assert count_starts(cloud) == 0


@pytest.mark.parametrize("command", [request_cancellation, start_rerun])
def test_a_run_that_does_not_exist(
    factory_client: FactoryClient, command: Callable[[FactoryClient, str], object]
) -> None:
    with pytest.raises(JobError, match=r"no run another in the factory.*`python -m jobs runs --target dev`"):
        command(factory_client, "another")


def test_an_interrupt_without_a_terminal_leaves_the_run_running(
    cloud: Cloud, data_factory: DataFactory, factory_client: FactoryClient
) -> None:
    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    data_factory.statuses = ["InProgress"]
    with pytest.raises(StoppedError, match=f"goes on in Azure: follow it with `{FOLLOW}`.*--cancel {RUN} --target dev"):
        watch_run(replace(factory_client, wait=interrupt), RUN)
    assert not any(each.path.endswith("/cancel") for each in cloud.requests)
