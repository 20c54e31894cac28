"""A run is started once, also when the answer is lost."""

from dataclasses import replace

import pytest

from jobs.errors import JobError, StoppedError
from jobs.pipeline.data_factory.client import FactoryClient, open_factory
from jobs.pipeline.data_factory.run import start_and_watch
from jobs.pipeline.data_factory.start import Start
from jobs.target import Target
from tests.azure_fakes.cloud import Answer, Cloud
from tests.azure_fakes.data_factory import (
    AGAIN,
    CREATE,
    EXPIRED,
    FOLLOW,
    OUTPUTS,
    PIPELINE,
    RUN,
    DataFactory,
    asked,
    creations,
    listed,
)

UNSURE = {
    "unavailable": Answer(503, {"error": {"code": "ServiceUnavailable", "message": "Busy."}}),
    "unavailable for a while": Answer(503, headers={"Retry-After": "0.01"}),
    "a gateway's timeout": Answer(504),
    "an answer that is cut": Answer(200, {"runId": RUN}, cut=5),
    "no answer": Answer(200, {"runId": RUN}, cut=0),
    "half an object": Answer(200, b'{"runId"'),
    "no run id": Answer(200, {}),
    "an empty answer": Answer(200),
    "a page": Answer(200, b"<html>Log in to this network</html>", {"Content-Type": "text/html"}),
}


BUSY = {"error": {"code": "TooManyRequests"}}


@pytest.mark.parametrize(
    ("refused", "times"),
    [(Answer(429, BUSY, {"Retry-After": "0.01"}), 2), (Answer(429, BUSY), 1), (EXPIRED, 1)],
    ids=["throttled", "throttled without a time", "an expired token"],
)
def test_a_start_that_azure_certainly_refused_is_sent_again(
    cloud: Cloud, played: DataFactory, factory: FactoryClient, refused: Answer, times: int
) -> None:
    played.first[CREATE] = [refused] * times
    assert start_and_watch(factory, Start(PIPELINE)).status == "Succeeded"
    assert creations(cloud) == times + 1


@pytest.mark.parametrize("answer", UNSURE.values(), ids=UNSURE)
def test_a_start_without_an_answer_is_never_sent_twice(
    cloud: Cloud, played: DataFactory, factory: FactoryClient, answer: Answer
) -> None:
    played.first[CREATE] = [answer]
    with pytest.raises(JobError, match="no run of it yet: check with `python -m jobs runs --target dev` before"):
        start_and_watch(factory, Start(PIPELINE))
    assert asked(cloud) == [f"POST {CREATE}", "POST /queryPipelineRuns"]
    (query,) = cloud.bodies("POST", "/queryPipelineRuns")
    assert query["filters"] == [{"operand": "PipelineName", "operator": "Equals", "values": [PIPELINE]}]


def test_a_run_that_started_without_an_answer_is_named(
    cloud: Cloud, played: DataFactory, factory: FactoryClient
) -> None:
    played.first[CREATE] = [UNSURE["no answer"]]
    played.lists = [[listed(AGAIN, "2026-11-20T03:00:00Z"), listed(RUN, "2999-01-01T00:00:00Z", "InProgress")]]
    with pytest.raises(JobError, match=f"a run that started just now: follow it with `{FOLLOW}`"):
        start_and_watch(factory, Start(PIPELINE))
    assert creations(cloud) == 1


def test_a_start_without_an_answer_is_reported_when_no_query_is_answered(
    cloud: Cloud, played: DataFactory, impatient: None
) -> None:
    played.first = {CREATE: [Answer(504)], "/queryPipelineRuns": [Answer(502)]}
    with (
        open_factory(Target.from_outputs(OUTPUTS, "")) as factory,
        pytest.raises(JobError, match="did not say whether"),
    ):
        start_and_watch(replace(factory, wait=lambda seconds: None), Start(PIPELINE))
    assert creations(cloud) == 1


def test_an_interrupt_while_a_run_is_started_says_how_to_check(
    played: DataFactory, factory: FactoryClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    played.first[CREATE] = [Answer(504)]
    with pytest.raises(StoppedError, match="`python -m jobs runs --target dev` whether it runs"):
        start_and_watch(replace(factory, wait=interrupt), Start(PIPELINE))
