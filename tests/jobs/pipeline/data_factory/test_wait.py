"""The wait for a run, while the login or the connection fails for a time."""

from dataclasses import replace

import pytest

from jobs.errors import JobError
from jobs.pipeline.data_factory import wait
from jobs.pipeline.data_factory.client import FactoryClient, open_factory
from jobs.pipeline.data_factory.run import start_and_watch, watch_run
from jobs.pipeline.data_factory.start import Start
from jobs.target import Target
from tests.azure_fakes.cloud import Answer, Cloud
from tests.azure_fakes.data_factory import EXPIRED, FOLLOW, OUTPUTS, PIPELINE, RUN, DataFactory, creations
from tests.fake_programs import Program


def test_polls_become_rarer_while_nothing_changes(
    played: DataFactory, factory: FactoryClient, waits: list[float]
) -> None:
    played.statuses = [*["Queued"] * 2, *["InProgress"] * 8, "Succeeded"]
    watch_run(factory, RUN)
    assert waits == [5, 7.5, 5, 7.5, 11.25, 16.875, 25.3125, 30, 30, 30]


def test_a_token_that_expires_during_the_run_is_renewed(
    cloud: Cloud, played: DataFactory, factory: FactoryClient, az: Program
) -> None:
    def expire(seconds: float) -> None:
        az.says("account get-access-token", {"accessToken": "renewed", "expires_on": 4102444800})
        played.first.setdefault(f"/pipelineruns/{RUN}", [EXPIRED])

    played.statuses = ["InProgress", "InProgress", "Succeeded"]
    assert start_and_watch(replace(factory, wait=expire), Start(PIPELINE)).status == "Succeeded"
    tokens = list(dict.fromkeys(each.headers["authorization"] for each in cloud.asked))
    assert tokens == ["Bearer marker-token-of-the-tests", "Bearer renewed"]
    assert (creations(cloud), len(az.calls())) == (1, 2)


def test_a_lost_login_ends_the_wait_and_names_the_run(
    played: DataFactory, factory: FactoryClient, waits: list[float], az: Program
) -> None:
    def log_out(seconds: float) -> None:
        waits.append(seconds)
        played.first[f"/pipelineruns/{RUN}"] = [EXPIRED] * 9

    played.statuses = ["InProgress", "Succeeded"]
    with pytest.raises(JobError, match=f"may go on: run `az login`, then follow it with `{FOLLOW}`"):
        start_and_watch(replace(factory, wait=log_out), Start(PIPELINE))
    assert len(waits) == 1 + wait.MAX_FAILED_LOGINS


@pytest.mark.parametrize(
    "lost",
    [
        Answer(502),
        Answer(429, headers={"Retry-After": "0.01"}),
        Answer(200, b'{"runId": "2f7f'),
        Answer(200, {"runId": RUN, "status": "Succeeded"}, cut=10),
        Answer(200, {"runId": RUN}, cut=0),
        Answer(200),
        Answer(200, b"<html>Log in to this network</html>", {"Content-Type": "text/html"}),
        Answer(200, ["no object"]),
        Answer(200, {"runStart": "no time", "value": "no list"}),
    ],
    ids=["bad gateway", "throttled", "half", "a cut body", "no body", "empty", "a page", "a list", "other types"],
)
@pytest.mark.parametrize("end", [f"/pipelineruns/{RUN}", "/queryActivityruns"])
def test_a_connection_that_is_lost_for_a_while_does_not_end_the_wait(
    played: DataFactory, factory: FactoryClient, impatient: None, lost: Answer, end: str
) -> None:
    played.statuses, played.first[end] = ["InProgress", "Succeeded"], [lost] * 3
    with open_factory(Target.from_outputs(OUTPUTS, "")) as unaided:
        assert watch_run(replace(factory, client=unaided.client), RUN).status == "Succeeded"


def test_a_connection_that_stays_lost_names_the_run(
    played: DataFactory, impatient: None, waits: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    played.first[f"/pipelineruns/{RUN}"] = [Answer(502)] * 9
    with (
        open_factory(Target.from_outputs(OUTPUTS, ""), "--target dev") as factory,
        pytest.raises(JobError, match=FOLLOW),
    ):
        start_and_watch(replace(factory, wait=waits.append), Start(PIPELINE))
    assert waits == [5, 5, 5]
    assert capsys.readouterr().err.count("trying again") == 3


def test_failed_polls_that_are_not_in_a_row_do_not_end_the_wait(
    played: DataFactory, impatient: None, waits: list[float]
) -> None:
    def lose(seconds: float) -> None:
        waits.append(seconds)
        played.first[f"/pipelineruns/{RUN}"] = [Answer(502)] if len(waits) % 2 else []

    played.statuses = [*["InProgress"] * 6, "Succeeded"]
    with open_factory(Target.from_outputs(OUTPUTS, "")) as factory:
        assert watch_run(replace(factory, wait=lose), RUN).status == "Succeeded"
    assert len(waits) == 12
