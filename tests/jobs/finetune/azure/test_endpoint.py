"""The endpoint on Azure: what it is sent as, blue and green, the check before traffic, and what can fail."""

from typing import Any

import pytest

from jobs.errors import JobError
from jobs.finetune.results import DeployResult
from jobs.finetune.runner import Bill
from jobs.finetune.serving.deployment import DeployOrder, deploy
from jobs.finetune.serving.traffic import change_traffic
from tests.azure_fakes.cloud import Response
from tests.azure_fakes.online_endpoints import expected
from tests.azure_fakes.vm_offers import vm_usage
from tests.jobs.finetune.azure.played_learning import ANSWERS, IDENTITY, TAGS, PlayedLearning


def accept(bill: Bill | None) -> None:
    """What --yes does."""


def run_deploy(learning: PlayedLearning, **options: Any) -> DeployResult:
    """What `finetune deploy --yes` does."""
    return deploy(learning.runner(), DeployOrder(confirm=accept, **options))


@pytest.fixture
def registered(learning: PlayedLearning) -> PlayedLearning:
    """The stack with two versions, and deployments that answer as they were trained to."""
    for number in (1, 2):
        learning.have_version(number)
    for colour in ("blue", "green"):
        learning.played.endpoints.answers[colour] = expected(ANSWERS)
    return learning


def test_the_first_deployment_is_made_checked_and_serves(registered: PlayedLearning) -> None:
    result = run_deploy(registered, version=1)
    assert (result.deployment, result.size, result.instances) == ("blue", "Standard_DS2_v2", 1)
    assert (result.hourly_usd, result.checked, result.traffic) == (0.15, True, {"blue": 100})
    assert result.endpoint == registered.endpoint and 3 <= len(result.endpoint) <= 32


def test_the_endpoint_has_a_key_the_stacks_identity_and_its_tags(registered: PlayedLearning) -> None:
    run_deploy(registered, version=1)
    body = registered.cloud.bodies("PUT", f"/onlineEndpoints/{registered.endpoint}")[0]
    assert body["properties"]["authMode"] == "Key"
    assert body["identity"] == {"type": "UserAssigned", "userAssignedIdentities": {IDENTITY: {}}}
    assert body["tags"] == TAGS, "else `teardown` takes it for somebody else's"


def test_a_deployment_waits_for_its_model_and_runs_score_py(registered: PlayedLearning) -> None:
    run_deploy(registered, version=1)
    (body,) = registered.cloud.bodies("PUT", "/deployments/blue")
    sent = body["properties"]
    assert sent["livenessProbe"]["initialDelay"] == "PT8M20S"
    assert sent["requestSettings"]["requestTimeout"] == "PT3M"
    assert sent["codeConfiguration"]["scoringScript"] == "score.py"
    assert sent["model"].endswith("/models/faces-chat/versions/1")
    assert sent["environmentId"].rpartition("/versions/")[0].endswith("/environments/finetune")
    assert (sent["instanceType"], body["sku"]["capacity"]) == ("Standard_DS2_v2", 1)
    assert body["tags"] == TAGS


def test_the_next_version_gets_the_free_colour_and_then_all_traffic(registered: PlayedLearning) -> None:
    run_deploy(registered, version=1)
    result = run_deploy(registered, version=2)
    assert (result.deployment, result.traffic) == ("green", {"blue": 0, "green": 100})
    dropped = change_traffic(registered.runner(), {}, drop_old=True)
    assert dropped.traffic == {"green": 100}


def test_a_share_is_divided_and_names_must_exist(registered: PlayedLearning) -> None:
    run_deploy(registered, version=1)
    assert run_deploy(registered, version=2, traffic=10).traffic == {"blue": 90, "green": 10}
    assert change_traffic(registered.runner(), {"blue": 50, "green": 50}, False).traffic == {"blue": 50, "green": 50}
    with pytest.raises(JobError, match="no deployment red"):
        change_traffic(registered.runner(), {"red": 100}, drop_old=False)


def test_a_deployment_that_answers_with_nothing_gets_no_traffic(registered: PlayedLearning) -> None:
    run_deploy(registered, version=1)
    registered.played.endpoints.answers["green"] = lambda body: Response(200, {"output": ""})
    with pytest.raises(JobError, match="green answered 20 of 20 questions with nothing"):
        run_deploy(registered, version=2)
    endpoint = registered.runner().read_endpoint()
    assert endpoint and dict(endpoint.traffic).get("green", 0) == 0 and endpoint.traffic["blue"] == 100
    assert not endpoint.find("green").checked  # type: ignore[union-attr]


def test_one_that_answers_worse_than_the_one_in_charge_gets_no_traffic(registered: PlayedLearning) -> None:
    run_deploy(registered, version=1)
    registered.played.endpoints.answers["green"] = expected({**ANSWERS, "question 0": "x", "question 1": "x"})
    with pytest.raises(JobError, match=r"matches 0.90 .* 1.00"):
        run_deploy(registered, version=2)


@pytest.mark.parametrize(
    ("code", "message", "sentence"),
    [
        ("ImageBuildFailure", "The image build failed", "could not build the image of blue"),
        ("ResourceNotReady", "User container has crashed", "did not become ready .* OSError: no weights"),
        ("OutOfCapacity", "The region has no capacity", "no machine of that size free"),
        ("Whatever", "Something else", "failed .*Whatever: Something else.* OSError: no weights"),
    ],
)
def test_a_deployment_that_fails_says_why_and_the_same_command_makes_it_again(
    registered: PlayedLearning, code: str, message: str, sentence: str
) -> None:
    registered.played.endpoints.failures["blue"] = (code, message)
    registered.played.endpoints.log = "start\nOSError: no weights\n"
    with pytest.raises(JobError, match=sentence):
        run_deploy(registered, version=1)
    del registered.played.endpoints.failures["blue"]
    assert run_deploy(registered, version=1).traffic == {"blue": 100}
    assert "deployments/blue" in registered.sent("DELETE", "deployments")[0]


def test_too_little_quota_is_said_before_anything_is_made(registered: PlayedLearning) -> None:
    with pytest.raises(JobError, match=r"8 wanted, 6 of 6 free.*Nothing was started"):
        run_deploy(registered, version=1, size="Standard_DS3_v2")
    assert not registered.sent("PUT", "onlineEndpoints")


def test_an_endpoint_that_azure_could_not_make_names_the_way_on(registered: PlayedLearning) -> None:
    run_deploy(registered, version=1)
    endpoint = registered.azure.find(f"{registered.workspace.id}/onlineEndpoints/{registered.endpoint}")
    assert endpoint
    endpoint.assigned["properties"]["provisioningState"] = "Failed"
    with pytest.raises(JobError, match="finetune teardown --target dev"):
        run_deploy(registered, version=2)
    registered.runner().teardown(models=False, data=False)
    assert run_deploy(registered, version=2).traffic == {"blue": 100}


def test_quota_that_somebody_else_took_in_between_is_a_sentence(registered: PlayedLearning) -> None:
    def take_it(bill: Bill | None) -> None:
        registered.azure.vm_usages = [vm_usage("Standard DSv2 Family Cluster Dedicated vCPUs", 4, 6)]

    with pytest.raises(JobError, match=r"no cores left for blue .*OutOfQuota.*https://ml.azure.com/quota"):
        deploy(registered.runner(), DeployOrder(version=1, confirm=take_it))
    assert not registered.runner().read_endpoint().deployments  # type: ignore[union-attr]


def test_a_deployment_that_another_command_is_making_is_waited_for(registered: PlayedLearning) -> None:
    run_deploy(registered, version=1, traffic=0)
    blue = next(each for each in registered.azure.resources.values() if each.id.endswith("/deployments/blue"))
    blue.assigned["properties"]["provisioningState"] = "Creating"
    states = iter(["Creating", "Creating", "Succeeded"])
    registered.azure.followers.append(lambda resource: None)
    original = type(registered.played.manager).respond

    def respond(manager: Any, request: Any) -> Any:
        if request.method == "GET" and request.path.endswith("/deployments/blue"):
            blue.assigned["properties"]["provisioningState"] = next(states, "Succeeded")
        return original(manager, request)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(registered.played.manager), "respond", respond)
        assert run_deploy(registered, version=1).traffic == {"blue": 100}
    assert len(registered.cloud.bodies("PUT", "/deployments/blue")) == 1


def test_an_answer_that_the_endpoint_refuses_is_a_sentence(registered: PlayedLearning) -> None:
    run_deploy(registered, version=1)
    replies = {
        400: ("The conversation cannot be answered: no messages.", "400: The conversation cannot be answered"),
        424: ("x", "answered 424"),
        504: ("upstream request timeout", "within 180 s.*--max-new-tokens"),
    }
    for status, (text, sentence) in replies.items():
        registered.played.endpoints.answers["blue"] = lambda body, s=status, t=text: Response(s, t)
        with pytest.raises(JobError, match=sentence):
            registered.runner().ask({"input_data": {"input_string": []}}, "blue")
    registered.played.endpoints.answers["blue"] = lambda body: Response(200, {"something": "else"})
    with pytest.raises(JobError, match="has no output"):
        registered.runner().ask({"input_data": {"input_string": []}}, None)
