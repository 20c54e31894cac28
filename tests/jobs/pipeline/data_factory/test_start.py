"""A run is started once, also when the answer is lost."""

from dataclasses import replace

import pytest

from jobs.errors import JobError, StoppedError
from jobs.pipeline.data_factory.client import FactoryClient, open_factory
from jobs.pipeline.data_factory.run import start_and_watch
from jobs.pipeline.data_factory.start import Start
from jobs.target import Target
from tests.azure_fakes.cloud import Cloud, Response
from tests.azure_fakes.data_factory import DataFactory, count_starts, requested_paths
from tests.azure_fakes.factory_answers import CREATE, EXPIRED, FOLLOW, OUTPUTS, PIPELINE, RERUN, RUN, pipeline_run

UNSURE = {
    "unavailable": Response(503, {"error": {"code": "ServiceUnavailable", "message": "Busy."}}),
    "unavailable for a while": Response(503, headers={"Retry-After": "0.01"}),
    "a gateway's timeout": Response(504),
    "an answer that is cut": Response(200, {"runId": RUN}, cut=5),
    "no answer": Response(200, {"runId": RUN}, cut=0),
    "half an object": Response(200, b'{"runId"'),
    "no run id": Response(200, {}),
    "an empty answer": Response(200),
    "a page": Response(200, b"<html>Log in to this network</html>", {"Content-Type": "text/html"}),
}


BUSY = {"error": {"code": "TooManyRequests"}}


@pytest.mark.parametrize(
    ("refused", "times"),
    [(Response(429, BUSY, {"Retry-After": "0.01"}), 2), (Response(429, BUSY), 1), (EXPIRED, 1)],
    ids=["throttled", "throttled without a time", "an expired token"],
)
def test_a_start_that_azure_certainly_refused_is_sent_again(
    cloud: Cloud, data_factory: DataFactory, factory_client: FactoryClient, refused: Response, times: int
) -> None:
    data_factory.first_responses[CREATE] = [refused] * times
    assert start_and_watch(factory_client, Start(PIPELINE)).status == "Succeeded"
    assert count_starts(cloud) == times + 1


@pytest.mark.parametrize("answer", UNSURE.values(), ids=UNSURE)
def test_a_start_without_an_answer_is_never_sent_twice(
    cloud: Cloud, data_factory: DataFactory, factory_client: FactoryClient, answer: Response
) -> None:
    data_factory.first_responses[CREATE] = [answer]
    with pytest.raises(JobError, match="no run of it yet: check with `python -m jobs runs --target dev` before"):
        start_and_watch(factory_client, Start(PIPELINE))
    assert requested_paths(cloud) == [f"POST {CREATE}", "POST /queryPipelineRuns"]
    (query,) = cloud.bodies("POST", "/queryPipelineRuns")
    assert query["filters"] == [{"operand": "PipelineName", "operator": "Equals", "values": [PIPELINE]}]


def test_a_run_that_started_without_an_answer_is_named(
    cloud: Cloud, data_factory: DataFactory, factory_client: FactoryClient
) -> None:
    data_factory.first_responses[CREATE] = [UNSURE["no answer"]]
    data_factory.run_pages = [
        [pipeline_run(RERUN, "2026-11-20T03:00:00Z"), pipeline_run(RUN, "2999-01-01T00:00:00Z", "InProgress")]
    ]
    with pytest.raises(JobError, match=f"a run that started just now: follow it with `{FOLLOW}`"):
        start_and_watch(factory_client, Start(PIPELINE))
    assert count_starts(cloud) == 1


def test_a_start_without_an_answer_is_reported_when_no_query_is_answered(
    cloud: Cloud, data_factory: DataFactory, no_retries: None
) -> None:
    data_factory.first_responses = {CREATE: [Response(504)], "/queryPipelineRuns": [Response(502)]}
    with (
        open_factory(Target.from_outputs(OUTPUTS, "")) as factory,
        pytest.raises(JobError, match="did not say whether"),
    ):
        start_and_watch(replace(factory, wait=lambda seconds: None), Start(PIPELINE))
    assert count_starts(cloud) == 1


def test_an_interrupt_while_a_run_is_started_says_how_to_check(
    data_factory: DataFactory, factory_client: FactoryClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    data_factory.first_responses[CREATE] = [Response(504)]
    with pytest.raises(StoppedError, match="`python -m jobs runs --target dev` whether it runs"):
        start_and_watch(replace(factory_client, wait=interrupt), Start(PIPELINE))
