"""Pipelines in Data Factory: the real client against the played factory."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from jobs import data_factory
from jobs.azure import retries
from jobs.data_factory import wait
from jobs.data_factory.client import Factory, opened
from jobs.data_factory.start import Start
from jobs.failure import Failure, Stopped
from jobs.run_pipeline import result
from jobs.target import Target
from tests.azure.cloud import Answer, Cloud
from tests.azure.data_factory import (
    AGAIN,
    AT,
    FORBIDDEN,
    GROUP,
    HOST,
    OUTPUTS,
    PIPELINE,
    ROWS,
    RUN,
    DataFactory,
    copied,
    listed,
    missing,
)
from tests.azure.programs import Program

CREATE = f"/pipelines/{PIPELINE}/createRun"
FOLLOW = f"python -m jobs run-pipeline --follow {RUN} --target dev"
EXPIRED = Answer(401, {"error": {"code": "ExpiredAuthenticationToken", "message": "The access token expired."}})


@pytest.fixture
def played(cloud: Cloud) -> DataFactory:
    service = DataFactory()
    cloud.services[HOST] = service
    return service


@pytest.fixture
def waits() -> list[float]:
    """The seconds of each wait between two looks."""
    return []


@pytest.fixture
def factory(played: DataFactory, waits: list[float]) -> Iterator[Factory]:
    with opened(Target.from_outputs(OUTPUTS, "pulumi up"), "--target dev") as factory:
        yield replace(factory, wait=waits.append)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client sends nothing again by itself, and few looks may fail."""
    monkeypatch.setattr(retries, "TIMES", 0)
    monkeypatch.setattr(wait, "LOST_LOOKS", 3)


def asked(cloud: Cloud) -> list[str]:
    """Method and path of every request, below the factory."""
    return [f"{each.method} {each.path.removeprefix(AT)}" for each in cloud.asked]


def creations(cloud: Cloud) -> int:
    return asked(cloud).count(f"POST {CREATE}")


def test_a_run_is_started_and_waited_for(
    cloud: Cloud, played: DataFactory, factory: Factory, capsys: pytest.CaptureFixture[str]
) -> None:
    played.statuses = ["Queued", "InProgress", "InProgress", "Succeeded"]
    done = data_factory.started(factory, Start(PIPELINE, {"prefijoRuta": "raw/x/"}))
    first = cloud.asked[0]
    assert (first.method, first.path, first.body) == ("POST", AT + CREATE, {"prefijoRuta": "raw/x/"})
    assert first.query == {"api-version": "2018-06-01"}
    look = [f"GET /pipelineruns/{RUN}", *[f"POST /pipelineruns/{RUN}/queryActivityruns"] * 2]
    assert asked(cloud)[1:] == look * 4
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
    assert capsys.readouterr().err.splitlines() == [
        f"{PIPELINE}: run {RUN}",
        f"{PIPELINE}: Queued",
        "Copy_Embeddings_PostgreSQL: Succeeded, 350 rows",
        "Copy_Images_BlobStorage: Succeeded, 350 files",
        f"{PIPELINE}: InProgress",
        f"{PIPELINE}: Succeeded",
    ]


def test_the_activities_are_asked_for_since_the_run_began(cloud: Cloud, factory: Factory) -> None:
    data_factory.watched(factory, RUN)
    first, second = cloud.bodies("POST", "/queryActivityruns")
    assert first["lastUpdatedAfter"].startswith("2026-11-20T03:00:00")
    assert ("continuationToken" in first, second["continuationToken"]) == (False, "1")


def test_looks_become_rarer_while_nothing_changes(played: DataFactory, factory: Factory, waits: list[float]) -> None:
    played.statuses = [*["Queued"] * 2, *["InProgress"] * 8, "Succeeded"]
    data_factory.watched(factory, RUN)
    assert waits == [5, 7.5, 5, 7.5, 11.25, 16.875, 25.3125, 30, 30, 30]


def test_only_the_latest_attempt_of_an_activity_counts(played: DataFactory, factory: Factory) -> None:
    failed = copied("Copy_Embeddings_PostgreSQL", "Failed", error=FORBIDDEN)
    later = {**ROWS, "activityRunStart": "2026-11-21T03:09:00Z", "activityRunId": "another"}
    played.pages = [[later], [failed]]
    (activity,) = data_factory.watched(factory, RUN).activities
    assert (activity.status, activity.attempts, activity.error, activity.fault) == ("Succeeded", 2, None, {})


def test_the_turns_of_a_loop_are_activities_of_their_own(played: DataFactory, factory: Factory) -> None:
    played.pages = [[{**ROWS, "iterationHash": "1"}, {**ROWS, "iterationHash": "2"}]]
    assert [each.attempts for each in data_factory.watched(factory, RUN).activities] == [1, 1]


def test_errors_are_told_as_azure_tells_them(played: DataFactory, factory: Factory) -> None:
    played.statuses, played.message = ["Failed"], "Operation on target Copy_Images_BlobStorage failed"
    played.pages = [[ROWS, copied("Copy_Images_BlobStorage", "Failed", error=FORBIDDEN | {"target": "the sink"})]]
    told = result(data_factory.watched(factory, RUN))
    assert told.summary().splitlines() == [
        f"{PIPELINE}: Failed (28.1 s)",
        "  Copy_Embeddings_PostgreSQL: Succeeded, 350 rows",
        "  Copy_Images_BlobStorage: Failed (error 2200, UserError, in the sink), "
        "ErrorCode=AdlsGen2OperationFailed,'Type=Microsoft.DataTransfer...",
        "StatusCode=Forbidden",
    ]
    assert (told.status, told.error, told.seconds) == ("Failed", played.message, 28.105)
    rows, files = told.activities
    assert (rows["rowsCopied"], rows["error"], "errorCode" in rows) == (350, None, False)
    assert (files["errorCode"], files["failureType"], files["target"]) == ("2200", "UserError", "the sink")
    assert files["error"] == FORBIDDEN["message"]


def test_a_run_that_fails_before_its_activities_says_why(played: DataFactory, factory: Factory) -> None:
    played.statuses, played.message, played.pages = ["Failed"], "The template is not valid", [[]]
    assert "The template is not valid" in result(data_factory.watched(factory, RUN)).summary()


def test_an_activity_that_copies_nothing_needs_no_figures(played: DataFactory, factory: Factory) -> None:
    played.pages = [[copied("Wait_A_Bit", "Succeeded", durationInMs=None)]]
    assert result(data_factory.watched(factory, RUN)).summary().endswith("  Wait_A_Bit: Succeeded")


def test_a_token_that_expires_in_the_middle_is_renewed(
    cloud: Cloud, played: DataFactory, factory: Factory, az: Program
) -> None:
    def expire(seconds: float) -> None:
        az.says("account get-access-token", {"accessToken": "renewed", "expires_on": 4102444800})
        played.first.setdefault(f"/pipelineruns/{RUN}", [EXPIRED])

    played.statuses = ["InProgress", "InProgress", "Succeeded"]
    assert data_factory.started(replace(factory, wait=expire), Start(PIPELINE)).status == "Succeeded"
    tokens = list(dict.fromkeys(each.headers["authorization"] for each in cloud.asked))
    assert tokens == ["Bearer marker-token-of-the-tests", "Bearer renewed"]
    assert (creations(cloud), len(az.calls())) == (1, 2)


def test_a_login_that_is_gone_ends_the_wait_and_names_the_run(
    played: DataFactory, factory: Factory, waits: list[float], az: Program
) -> None:
    def log_out(seconds: float) -> None:
        waits.append(seconds)
        played.first[f"/pipelineruns/{RUN}"] = [EXPIRED] * 9

    played.statuses = ["InProgress", "Succeeded"]
    with pytest.raises(Failure, match=f"may go on: run `az login`, then follow it with `{FOLLOW}`"):
        data_factory.started(replace(factory, wait=log_out), Start(PIPELINE))
    assert len(waits) == 1 + wait.LOST_LOGINS


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
    played: DataFactory, factory: Factory, impatient: None, lost: Answer, end: str
) -> None:
    played.statuses, played.first[end] = ["InProgress", "Succeeded"], [lost] * 3
    with opened(Target.from_outputs(OUTPUTS, "")) as unaided:
        assert data_factory.watched(replace(factory, client=unaided.client), RUN).status == "Succeeded"


def test_a_connection_that_stays_lost_names_the_run(
    played: DataFactory, impatient: None, waits: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    played.first[f"/pipelineruns/{RUN}"] = [Answer(502)] * 9
    with opened(Target.from_outputs(OUTPUTS, ""), "--target dev") as factory, pytest.raises(Failure, match=FOLLOW):
        data_factory.started(replace(factory, wait=waits.append), Start(PIPELINE))
    assert waits == [5, 5, 5]
    assert capsys.readouterr().err.count("looking again") == 3


def test_losses_that_are_not_in_a_row_are_never_too_many(
    played: DataFactory, impatient: None, waits: list[float]
) -> None:
    def lose(seconds: float) -> None:
        waits.append(seconds)
        played.first[f"/pipelineruns/{RUN}"] = [Answer(502)] if len(waits) % 2 else []

    played.statuses = [*["InProgress"] * 6, "Succeeded"]
    with opened(Target.from_outputs(OUTPUTS, "")) as factory:
        assert data_factory.watched(replace(factory, wait=lose), RUN).status == "Succeeded"
    assert len(waits) == 12


def test_a_throttled_start_is_sent_again(cloud: Cloud, played: DataFactory, factory: Factory) -> None:
    played.first[CREATE] = [Answer(429, {"error": {"code": "TooManyRequests"}}, {"Retry-After": "0.01"})] * 2
    assert data_factory.started(factory, Start(PIPELINE)).status == "Succeeded"
    assert creations(cloud) == 3


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


@pytest.mark.parametrize("answer", UNSURE.values(), ids=UNSURE)
def test_a_start_without_an_answer_is_never_sent_twice(
    cloud: Cloud, played: DataFactory, factory: Factory, answer: Answer
) -> None:
    played.first[CREATE] = [answer]
    with pytest.raises(Failure, match="no run of it yet: look with `python -m jobs runs --target dev` before"):
        data_factory.started(factory, Start(PIPELINE))
    assert asked(cloud) == [f"POST {CREATE}", "POST /queryPipelineRuns"]
    (query,) = cloud.bodies("POST", "/queryPipelineRuns")
    assert query["filters"] == [{"operand": "PipelineName", "operator": "Equals", "values": [PIPELINE]}]


def test_a_run_that_began_without_an_answer_is_named(cloud: Cloud, played: DataFactory, factory: Factory) -> None:
    played.first[CREATE] = [UNSURE["no answer"]]
    played.lists = [[listed(AGAIN, "2026-11-20T03:00:00Z"), listed(RUN, "2999-01-01T00:00:00Z", "InProgress")]]
    with pytest.raises(Failure, match=f"a run that began just now: follow it with `{FOLLOW}`"):
        data_factory.started(factory, Start(PIPELINE))
    assert creations(cloud) == 1


def test_a_start_without_an_answer_is_told_even_where_nothing_answers(
    cloud: Cloud, played: DataFactory, impatient: None
) -> None:
    played.first = {CREATE: [Answer(504)], "/queryPipelineRuns": [Answer(502)]}
    with opened(Target.from_outputs(OUTPUTS, "")) as factory, pytest.raises(Failure, match="did not say whether"):
        data_factory.started(replace(factory, wait=lambda seconds: None), Start(PIPELINE))
    assert creations(cloud) == 1


def test_an_interrupt_while_a_run_is_started_says_how_to_look(
    played: DataFactory, factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    played.first[CREATE] = [Answer(504)]
    with pytest.raises(Stopped, match="`python -m jobs runs --target dev` whether it runs"):
        data_factory.started(replace(factory, wait=interrupt), Start(PIPELINE))


NO_FACTORY = missing(
    "ResourceNotFound",
    f"The Resource 'Microsoft.DataFactory{AT.split('DataFactory')[1]}' under resource group 'the-group' was not found.",
)
NO_GROUP = missing("ResourceGroupNotFound", "Resource group 'the-group' could not be found.")
DENIED = Answer(403, {"error": {"code": "AuthorizationFailed", "message": "The client may not.\nMore."}})
Ask = Callable[[Factory], object]
ASK: dict[str, Ask] = {
    CREATE: lambda factory: data_factory.started(factory, Start(PIPELINE)),
    f"/pipelineruns/{RUN}": lambda factory: data_factory.watched(factory, RUN),
    "/cancel": lambda factory: data_factory.request_cancel(factory, RUN),
}


@pytest.mark.parametrize(
    ("end", "answer", "sentence"),
    [
        (CREATE, missing("NotFound", "No."), f"no pipeline {PIPELINE} in the factory the-factory.*`pulumi up`"),
        (CREATE, NO_FACTORY, "no such thing as the factory.*`pulumi up`"),
        (CREATE, NO_GROUP, "no such thing as the factory.*`pulumi up`"),
        (CREATE, DENIED, r"AuthorizationFailed: The client may not\).*role Data Factory Contributor"),
        (CREATE, EXPIRED, "`az login`"),
        (CREATE, Answer(400, {"error": {"code": "BadRequest", "message": "No."}}), "refuses.*BadRequest: No"),
        (f"/pipelineruns/{RUN}", missing("NotFound", "No."), f"no run {RUN}.*`python -m jobs runs --target dev`"),
        (f"/pipelineruns/{RUN}", NO_FACTORY, "Microsoft.DataFactory"),
        (f"/pipelineruns/{RUN}", DENIED, "AuthorizationFailed"),
        (f"/pipelineruns/{RUN}", EXPIRED, "`az login`"),
        ("/cancel", DENIED, "role Data Factory Contributor"),
        ("/cancel", Answer(400, {"error": {"code": "BadRequest", "message": "No."}}), "refuses.*BadRequest: No"),
    ],
)
def test_what_azure_refuses_is_one_sentence(
    cloud: Cloud, played: DataFactory, factory: Factory, end: str, answer: Answer, sentence: str
) -> None:
    played.first[end] = [answer] * 9
    with pytest.raises(Failure, match=sentence) as failure:
        ASK[end](factory)
    assert "\n" not in str(failure.value)
    assert len(cloud.asked) == 1


def test_a_factory_that_does_not_answer_is_told(factory: Factory, cloud: Cloud, impatient: None) -> None:
    del cloud.services[HOST]
    with opened(Target.from_outputs(OUTPUTS, "")) as unaided, pytest.raises(Failure, match="does not answer"):
        data_factory.started(unaided, Start(PIPELINE))


def test_a_run_is_cancelled_and_waited_for(cloud: Cloud, played: DataFactory, factory: Factory) -> None:
    played.statuses = ["InProgress"]
    assert data_factory.cancelled(factory, RUN).status == "Cancelled"
    (cancel,) = [each for each in cloud.asked if each.path.endswith("/cancel")]
    assert (cancel.method, cancel.path) == ("POST", f"{AT}/pipelineruns/{RUN}/cancel")
    assert cancel.query["isRecursive"] == "true"


def test_a_run_that_has_ended_is_not_cancelled(cloud: Cloud, factory: Factory) -> None:
    with pytest.raises(Failure, match=f"{RUN} has ended already .Succeeded."):
        data_factory.cancelled(factory, RUN)
    assert not any(each.path.endswith("/cancel") for each in cloud.asked)


def test_a_failed_run_is_started_again_where_it_failed(cloud: Cloud, played: DataFactory, factory: Factory) -> None:
    played.statuses = ["Failed"]
    done = data_factory.started_again(factory, RUN)
    assert (done.run_id, done.status) == (AGAIN, "Succeeded")
    (create,) = [each for each in cloud.asked if each.path.endswith("/createRun")]
    assert (create.path, create.body) == (AT + CREATE, None)
    assert {key: value.lower() for key, value in create.query.items()} == {
        "api-version": "2018-06-01",
        "referencePipelineRunId": RUN,
        "isRecovery": "true",
        "startFromFailure": "true",
    }


@pytest.mark.parametrize(
    ("status", "sentence"), [("InProgress", f"not ended yet.*{FOLLOW}"), ("Succeeded", "succeeded: run the whole")]
)
def test_a_run_that_did_not_fail_is_not_started_again(
    cloud: Cloud, played: DataFactory, factory: Factory, status: str, sentence: str
) -> None:
    played.statuses = [status]
    with pytest.raises(Failure, match=sentence):
        data_factory.started_again(factory, RUN)
    assert creations(cloud) == 0


@pytest.mark.parametrize("ask", [data_factory.cancelled, data_factory.started_again])
def test_a_run_that_is_not_there_names_the_list(factory: Factory, ask: Callable[[Factory, str], object]) -> None:
    with pytest.raises(Failure, match=r"no run another in the factory.*`python -m jobs runs --target dev`"):
        ask(factory, "another")


def test_an_interrupt_without_a_terminal_leaves_the_run(cloud: Cloud, played: DataFactory, factory: Factory) -> None:
    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    played.statuses = ["InProgress"]
    with pytest.raises(Stopped, match=f"goes on in Azure: follow it with `{FOLLOW}`.*--cancel {RUN} --target dev"):
        data_factory.watched(replace(factory, wait=interrupt), RUN)
    assert not any(each.path.endswith("/cancel") for each in cloud.asked)


def test_the_group_of_the_factory_is_in_every_path(cloud: Cloud, factory: Factory) -> None:
    data_factory.started(factory, Start(PIPELINE))
    assert all(each.path.startswith(GROUP) for each in cloud.asked)
