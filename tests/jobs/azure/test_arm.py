"""Azure Resource Manager: the real pipeline against a fake of Azure's host on loopback."""

from collections.abc import Iterator

import pytest
from azure.core.exceptions import DecodeError, HttpResponseError

from jobs.azure.arm import Arm
from jobs.azure.errors import translate_errors
from jobs.errors import JobError
from tests.azure_fakes.cloud import Cloud, Request, Response
from tests.fake_programs import FakeProgram

HOST = "management.azure.com"
EXPIRED = Response(401, {"error": {"code": "ExpiredAuthenticationToken", "message": "Expired."}})


@pytest.fixture
def arm(cloud: Cloud) -> Iterator[Arm]:
    with Arm(poll_seconds=0) as client:
        yield client


def test_a_request_has_its_version_and_a_token(cloud: Cloud, arm: Arm, az: FakeProgram) -> None:
    cloud.services[HOST] = lambda request: Response(200, {"name": "the-group"})
    assert arm.get("/subscriptions/s/resourceGroups/the-group", "2024-03-01", filter="a b")["name"] == "the-group"
    (asked,) = cloud.requests
    assert (asked.method, asked.path) == ("GET", "/subscriptions/s/resourceGroups/the-group")
    assert asked.query == {"api-version": "2024-03-01", "filter": "a b"}
    assert asked.headers["authorization"] == "Bearer marker-token-of-the-tests"
    assert "https://management.azure.com" in az.calls()[0]


def test_every_page_of_a_list_is_read(cloud: Cloud, arm: Arm) -> None:
    def pages(request: Request) -> Response:
        page = int(request.query.get("page", 1))
        more = {"nextLink": f"https://{HOST}/subscriptions?api-version=v&page={page + 1}"} if page < 3 else {}
        return Response(200, {"value": [{"page": page}], **more})

    cloud.services[HOST] = pages
    assert [each["page"] for each in arm.pages("/subscriptions", "v")] == [1, 2, 3]


def test_a_next_page_may_be_a_path(cloud: Cloud, arm: Arm) -> None:
    more = {"nextLink": "/subscriptions?api-version=v&$skiptoken=2"}
    cloud.services[HOST] = lambda r: Response(
        200, {"value": [len(r.query)], **({} if "$skiptoken" in r.query else more)}
    )
    assert list(arm.pages("/subscriptions", "v")) == [1, 2]
    assert {each.host for each in cloud.requests} == {HOST}


INVALID_ANSWERS = {
    "nothing": Response(200),
    "a page": Response(200, b"<html>Log in to this network</html>", {"Content-Type": "text/html"}),
    "a list": Response(200, ["no object"]),
    "another value": Response(200, {"value": "no list"}),
}


@pytest.mark.parametrize("answer", INVALID_ANSWERS.values(), ids=INVALID_ANSWERS)
def test_an_invalid_answer_is_not_an_empty_list(cloud: Cloud, arm: Arm, answer: Response) -> None:
    cloud.services[HOST] = lambda request: answer
    with (
        pytest.raises(JobError, match=r"what is left.*run the same command again"),
        translate_errors("what is left", "Contributor"),
    ):
        list(arm.pages("/resources", "v"))


def test_the_status_204_is_an_empty_answer(cloud: Cloud, arm: Arm) -> None:
    cloud.services[HOST] = lambda request: Response(204)
    assert arm.post("/query", "v", {}) == {}


def test_a_change_hands_back_its_answer_and_an_empty_202_too(cloud: Cloud, arm: Arm) -> None:
    cloud.services[HOST] = lambda request: Response(201, {"method": request.method, "body": request.body})
    assert arm.put("/x", "v", {"a": 1}) == {"method": "PUT", "body": {"a": 1}}
    assert arm.patch("/x", "v", {"a": 1}) == {"method": "PATCH", "body": {"a": 1}}
    assert arm.delete("/x", "v") == {"method": "DELETE", "body": None}
    cloud.services[HOST] = lambda request: Response(202)
    assert arm.put("/x", "v", {}) == arm.patch("/x", "v", {}) == arm.delete("/x", "v") == {}
    with pytest.raises(DecodeError):
        arm.get("/x", "v")


def test_a_token_that_is_refused_in_the_middle_is_renewed_once(cloud: Cloud, arm: Arm, az: FakeProgram) -> None:
    def refuse(request: Request) -> Response:
        az.set_output("account get-access-token", {"accessToken": "renewed", "expires_on": 4102444800})
        return Response(200, {"ok": True}) if request.headers["authorization"].endswith("renewed") else EXPIRED

    cloud.services[HOST] = refuse
    assert arm.post("/x", "v") == {"ok": True}
    cloud.services[HOST] = lambda request: EXPIRED
    cloud.requests.clear()
    with (
        pytest.raises(JobError, match=r"ExpiredAuthenticationToken.*run `az login`"),
        translate_errors("the server", "Contributor"),
    ):
        arm.get("/x", "v")
    assert len(cloud.requests) == 2


def test_a_stronger_login_is_explained_with_its_command(cloud: Cloud, arm: Arm) -> None:
    claims = "eyJhY2Nlc3NfdG9rZW4iOnsiYWNycyI6eyJlc3NlbnRpYWwiOnRydWUsInZhbHVlcyI6WyJwMSJdfX19"
    wants = f'Bearer realm="", error="insufficient_claims", claims="{claims}"'
    cloud.services[HOST] = lambda request: Response(401, headers={"WWW-Authenticate": wants})
    command = f"run `az login --claims-challenge {claims} --scope https://management.azure.com/.default`"
    with pytest.raises(JobError, match=command), translate_errors("the server", "Contributor"):
        arm.post("/stop", "v")


def test_too_many_requests_are_sent_again_after_the_time_that_azure_says(cloud: Cloud, arm: Arm) -> None:
    answers = iter([Response(429, headers={"Retry-After": "0.01"}), Response(503), Response(200, {"ok": True})])
    cloud.services[HOST] = lambda request: next(answers)
    assert arm.get("/x", "v") == {"ok": True}
    assert len(cloud.requests) == 3


def test_a_long_running_operation_is_waited_for(cloud: Cloud, arm: Arm) -> None:
    states = iter(["InProgress", "InProgress", "Succeeded"])

    def operation(request: Request) -> Response:
        if request.path == "/operations/1":
            return Response(200, {"status": next(states)})
        return Response(202, headers={"Azure-AsyncOperation": f"https://{HOST}/operations/1?api-version=v"})

    cloud.services[HOST] = operation
    arm.run_operation("POST", "/servers/psql-fer/stop", "v")
    assert [(each.method, each.path) for each in cloud.requests] == [
        ("POST", "/servers/psql-fer/stop"),
        *[("GET", "/operations/1")] * 3,
    ]


def test_a_long_running_operation_that_does_not_end_is_an_error(
    cloud: Cloud, arm: Arm, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = {"Azure-AsyncOperation": f"https://{HOST}/operations/1", "Retry-After": "3600"}
    cloud.services[HOST] = lambda request: Response(202, {"status": "InProgress"}, headers)
    monkeypatch.setattr("jobs.azure.arm.MAX_SECONDS", 0.0)
    with (
        pytest.raises(JobError, match=r"not done after 0 minutes.*same command"),
        translate_errors("to stop it", "Contributor"),
    ):
        arm.run_operation("POST", "/servers/psql-fer/stop", "v")


def test_a_long_running_operation_that_fails_is_an_error(cloud: Cloud, arm: Arm) -> None:
    def operation(request: Request) -> Response:
        if request.path == "/operations/1":
            return Response(200, {"status": "Failed", "error": {"code": "ServerIsBusy", "message": "Try later."}})
        return Response(202, headers={"Azure-AsyncOperation": f"https://{HOST}/operations/1"})

    cloud.services[HOST] = operation
    with pytest.raises(HttpResponseError, match="ServerIsBusy"):
        arm.run_operation("POST", "/servers/psql-fer/stop", "v")


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (EXPIRED, "`az login`"),
        (
            Response(403, {"error": {"code": "AuthorizationFailed", "message": "No.\nMore."}}),
            r"AuthorizationFailed: No\).*role Contributor.*ten.*run the same command again",
        ),
        (
            Response(404, {"error": {"code": "ResourceNotFound", "message": "None."}}),
            "does not have the server.*`pulumi up`",
        ),
        (
            Response(409, {"error": {"code": "ServerIsBusy", "message": "Busy."}}),
            "refuses the server.*ServerIsBusy: Busy",
        ),
        (
            Response(409, {"error": {"code": "ReadOnlyDisabledSubscription", "message": "Disabled."}}),
            r"switched off.*credit is used up \(ReadOnlyDisabledSubscription: Disabled\): see it in the portal",
        ),
        (Response(200, b'{"name": "the-gr'), "does not answer for the server.*run the same command again"),
        (Response(200, {"name": "the-group"}, cut=5), "does not answer for the server.*run the same command again"),
    ],
)
def test_a_refusal_is_one_sentence(cloud: Cloud, arm: Arm, answer: Response, sentence: str) -> None:
    cloud.services[HOST] = lambda request: answer
    with pytest.raises(JobError, match=sentence) as caught, translate_errors("the server", "Contributor"):
        arm.get("/x", "v")
    assert "\n" not in str(caught.value)


def test_without_a_login_the_sentence_names_the_command(cloud: Cloud, arm: Arm, az: FakeProgram) -> None:
    az.set_output("account get-access-token", status=1, err="ERROR: Please run 'az login' to setup account.")
    cloud.services[HOST] = lambda request: Response(200, {})
    with pytest.raises(JobError, match="`az login`"), translate_errors("the server", "Contributor"):
        arm.get("/x", "v")
    assert not cloud.requests
