"""The wait for a run, while the login or the connection fails for a time."""

from dataclasses import replace

import pytest

from jobs.errors import JobError
from jobs.pipeline.data_factory import wait
from jobs.pipeline.data_factory.client import FactoryClient, open_factory
from jobs.pipeline.data_factory.run import start_and_watch, watch_run
from jobs.pipeline.data_factory.start import Start
from jobs.target import Target
from tests.azure_fakes.cloud import Cloud, Response
from tests.azure_fakes.data_factory import DataFactory, count_starts
from tests.azure_fakes.factory_answers import EXPIRED, FOLLOW, OUTPUTS, PIPELINE, RUN
from tests.fake_programs import FakeProgram


def test_polls_become_rarer_while_nothing_changes(
    data_factory: DataFactory, factory_client: FactoryClient, poll_waits: list[float]
) -> None:
    data_factory.statuses = [*["Queued"] * 2, *["InProgress"] * 8, "Succeeded"]
    watch_run(factory_client, RUN)
    assert poll_waits == [5, 7.5, 5, 7.5, 11.25, 16.875, 25.3125, 30, 30, 30]


def test_a_token_that_expires_during_the_run_is_renewed(
    cloud: Cloud, data_factory: DataFactory, factory_client: FactoryClient, az: FakeProgram
) -> None:
    def expire(seconds: float) -> None:
        az.set_output("account get-access-token", {"accessToken": "renewed", "expires_on": 4102444800})
        data_factory.first_responses.setdefault(f"/pipelineruns/{RUN}", [EXPIRED])

    data_factory.statuses = ["InProgress", "InProgress", "Succeeded"]
    assert start_and_watch(replace(factory_client, wait=expire), Start(PIPELINE)).status == "Succeeded"
    tokens = list(dict.fromkeys(each.headers["authorization"] for each in cloud.requests))
    assert tokens == ["Bearer marker-token-of-the-tests", "Bearer renewed"]
    assert (count_starts(cloud), len(az.calls())) == (1, 2)


def test_a_lost_login_ends_the_wait_and_names_the_run(
    data_factory: DataFactory, factory_client: FactoryClient, poll_waits: list[float], az: FakeProgram
) -> None:
    def log_out(seconds: float) -> None:
        poll_waits.append(seconds)
        data_factory.first_responses[f"/pipelineruns/{RUN}"] = [EXPIRED] * 9

    data_factory.statuses = ["InProgress", "Succeeded"]
    with pytest.raises(JobError, match=f"may go on: run `az login`, then follow it with `{FOLLOW}`"):
        start_and_watch(replace(factory_client, wait=log_out), Start(PIPELINE))
    assert len(poll_waits) == 1 + wait.MAX_FAILED_LOGINS


@pytest.mark.parametrize(
    "lost",
    [
        Response(502),
        Response(429, headers={"Retry-After": "0.01"}),
        Response(200, b'{"runId": "2f7f'),
        Response(200, {"runId": RUN, "status": "Succeeded"}, cut=10),
        Response(200, {"runId": RUN}, cut=0),
        Response(200),
        Response(200, b"<html>Log in to this network</html>", {"Content-Type": "text/html"}),
        Response(200, ["no object"]),
        Response(200, {"runStart": "no time", "value": "no list"}),
    ],
    ids=["bad gateway", "throttled", "half", "a cut body", "no body", "empty", "a page", "a list", "other types"],
)
@pytest.mark.parametrize("end", [f"/pipelineruns/{RUN}", "/queryActivityruns"])
def test_a_connection_that_is_lost_for_a_while_does_not_end_the_wait(
    data_factory: DataFactory, factory_client: FactoryClient, no_retries: None, lost: Response, end: str
) -> None:
    data_factory.statuses, data_factory.first_responses[end] = ["InProgress", "Succeeded"], [lost] * 3
    with open_factory(Target.from_outputs(OUTPUTS, "")) as unaided:
        assert watch_run(replace(factory_client, client=unaided.client), RUN).status == "Succeeded"


def test_a_connection_that_stays_lost_names_the_run(
    data_factory: DataFactory, no_retries: None, poll_waits: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    data_factory.first_responses[f"/pipelineruns/{RUN}"] = [Response(502)] * 9
    with (
        open_factory(Target.from_outputs(OUTPUTS, ""), "--target dev") as factory,
        pytest.raises(JobError, match=FOLLOW),
    ):
        start_and_watch(replace(factory, wait=poll_waits.append), Start(PIPELINE))
    assert poll_waits == [5, 5, 5]
    assert capsys.readouterr().err.count("trying again") == 3


def test_failed_polls_that_are_not_in_a_row_do_not_end_the_wait(
    data_factory: DataFactory, no_retries: None, poll_waits: list[float]
) -> None:
    def lose(seconds: float) -> None:
        poll_waits.append(seconds)
        data_factory.first_responses[f"/pipelineruns/{RUN}"] = [Response(502)] if len(poll_waits) % 2 else []

    data_factory.statuses = [*["InProgress"] * 6, "Succeeded"]
    with open_factory(Target.from_outputs(OUTPUTS, "")) as factory:
        assert watch_run(replace(factory, wait=lose), RUN).status == "Succeeded"
    assert len(poll_waits) == 12
