"""Azure Resource Manager: the real pipeline against Azure's host name, played on loopback."""

from collections.abc import Iterator

import pytest
from azure.core.exceptions import HttpResponseError

from jobs.azure.arm import Arm
from jobs.azure.refusal import told
from jobs.failure import Failure
from tests.azure.cloud import Answer, Cloud, Request
from tests.azure.programs import Program

HOST = "management.azure.com"


@pytest.fixture
def arm(cloud: Cloud) -> Iterator[Arm]:
    with Arm(poll_seconds=0) as client:
        yield client


def test_a_question_is_asked_with_its_version_and_a_token(cloud: Cloud, arm: Arm, az: Program) -> None:
    cloud.services[HOST] = lambda request: Answer(200, {"name": "the-group"})
    assert arm.get("/subscriptions/s/resourceGroups/the-group", "2024-03-01", filter="a b")["name"] == "the-group"
    (asked,) = cloud.asked
    assert (asked.method, asked.path) == ("GET", "/subscriptions/s/resourceGroups/the-group")
    assert asked.query == {"api-version": "2024-03-01", "filter": "a b"}
    assert asked.headers["authorization"] == "Bearer marker-token-of-the-tests"
    assert "https://management.azure.com" in az.calls()[0]


def test_every_page_of_a_list_is_read(cloud: Cloud, arm: Arm) -> None:
    def pages(request: Request) -> Answer:
        page = int(request.query.get("page", 1))
        more = {"nextLink": f"https://{HOST}/subscriptions?api-version=v&page={page + 1}"} if page < 3 else {}
        return Answer(200, {"value": [{"page": page}], **more})

    cloud.services[HOST] = pages
    assert [each["page"] for each in arm.pages("/subscriptions", "v")] == [1, 2, 3]


def test_too_many_requests_are_sent_again_after_the_time_that_azure_says(cloud: Cloud, arm: Arm) -> None:
    answers = iter([Answer(429, headers={"Retry-After": "0.01"}), Answer(503), Answer(200, {"ok": True})])
    cloud.services[HOST] = lambda request: next(answers)
    assert arm.get("/x", "v") == {"ok": True}
    assert len(cloud.asked) == 3


def test_a_long_running_operation_is_waited_for(cloud: Cloud, arm: Arm) -> None:
    states = iter(["InProgress", "InProgress", "Succeeded"])

    def operation(request: Request) -> Answer:
        if request.path == "/operations/1":
            return Answer(200, {"status": next(states)})
        return Answer(202, headers={"Azure-AsyncOperation": f"https://{HOST}/operations/1?api-version=v"})

    cloud.services[HOST] = operation
    arm.finish("POST", "/servers/psql-fer/stop", "v")
    assert [(each.method, each.path) for each in cloud.asked] == [
        ("POST", "/servers/psql-fer/stop"),
        *[("GET", "/operations/1")] * 3,
    ]


def test_a_long_running_operation_that_fails_is_an_error(cloud: Cloud, arm: Arm) -> None:
    def operation(request: Request) -> Answer:
        if request.path == "/operations/1":
            return Answer(200, {"status": "Failed", "error": {"code": "ServerIsBusy", "message": "Try later."}})
        return Answer(202, headers={"Azure-AsyncOperation": f"https://{HOST}/operations/1"})

    cloud.services[HOST] = operation
    with pytest.raises(HttpResponseError, match="ServerIsBusy"):
        arm.finish("POST", "/servers/psql-fer/stop", "v")


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (Answer(401, {"error": {"code": "ExpiredAuthenticationToken", "message": "Expired."}}), "`az login`"),
        (
            Answer(403, {"error": {"code": "AuthorizationFailed", "message": "No.\nMore."}}),
            r"AuthorizationFailed: No\).*role Contributor.*ten.*run the same command again",
        ),
        (Answer(404, {"error": {"code": "ResourceNotFound", "message": "None."}}), "no such thing.*`pulumi up`"),
        (
            Answer(409, {"error": {"code": "ServerIsBusy", "message": "Busy."}}),
            "refuses the server.*ServerIsBusy: Busy",
        ),
        (Answer(200, b'{"name": "the-gr'), "the server"),
        (Answer(200, {"name": "the-group"}, cut=5), "the server"),
    ],
)
def test_what_azure_refuses_is_told_in_a_sentence(cloud: Cloud, arm: Arm, answer: Answer, sentence: str) -> None:
    cloud.services[HOST] = lambda request: answer
    with pytest.raises(Failure, match=sentence) as failure, told("the server", "Contributor"):
        arm.get("/x", "v")
    assert "\n" not in str(failure.value)


def test_without_a_login_the_sentence_names_the_command(cloud: Cloud, arm: Arm, az: Program) -> None:
    az.says("account get-access-token", status=1, err="ERROR: Please run 'az login' to setup account.")
    cloud.services[HOST] = lambda request: Answer(200, {})
    with pytest.raises(Failure, match="`az login`"), told("the server", "Contributor"):
        arm.get("/x", "v")
    assert not cloud.asked
