"""Our calls are those of Azure's SDK, and the played server answers nothing that the SDK does not know."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from azure.core.credentials import AccessToken
from azure.mgmt.cognitiveservices import CognitiveServicesManagementClient
from azure.mgmt.cognitiveservices import models as types

from jobs.azure.arm import Arm
from jobs.models import deployments
from jobs.models.account import ModelAccount as Account
from jobs.models.account import list_accounts
from jobs.models.choice import Choice
from jobs.models.deployments import Deployment
from jobs.models.offers import list_account_offers, list_offers
from jobs.models.regions import list_room
from jobs.models.target_model import TargetModel
from tests.azure_fakes.cloud import Cloud
from tests.azure_fakes.model_account import ModelAccount
from tests.azure_fakes.resource_manager import ROOT, SUBSCRIPTION
from tests.jobs.models.shop import LUNA
from tests.jobs.student import DoctorCli

ACCOUNT = Account(SUBSCRIPTION, "rg-shop", "ai-shop", "swedencentral", Choice("dev", "ai-shop", "rg-shop"))
WHERE = ("rg-shop", "ai-shop")
CHAT = ACCOUNT.deployment_path("chat")
NEW = {"format": "OpenAI", "model": LUNA[0], "version": LUNA[1], "sku": "GlobalStandard", "capacity": 1}


class Login:
    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        return AccessToken("marker-token-of-the-tests", 4102444800)


@pytest.fixture
def sdk(shop: ModelAccount) -> Iterator[CognitiveServicesManagementClient]:
    """The SDK's client, against the shop."""
    with CognitiveServicesManagementClient(Login(), SUBSCRIPTION, polling_interval=0) as client:
        yield client


def sdk_body() -> types.Deployment:
    """The SDK's objects for a new deployment."""
    model = types.DeploymentModel(format="OpenAI", name=LUNA[0], version=LUNA[1])
    properties = types.DeploymentProperties(model=model, version_upgrade_option="NoAutoUpgrade")
    return types.Deployment(sku=types.Sku(name="GlobalStandard", capacity=1), properties=properties)


Sdk = Callable[[CognitiveServicesManagementClient], Any]
CALLS: dict[str, tuple[Sdk, Callable[[Arm], Any]]] = {
    "accounts": (lambda sdk: list(sdk.accounts.list()), lambda arm: list(list_accounts(arm, Choice("dev")))),
    "account models": (
        lambda sdk: list(sdk.accounts.list_models(*WHERE)),
        lambda arm: list_account_offers(arm, ACCOUNT.path),
    ),
    "models and usages": (
        lambda sdk: [list(sdk.usages.list("swedencentral")), list(sdk.models.list("swedencentral"))],
        lambda arm: list_offers(arm, SUBSCRIPTION, "swedencentral"),
    ),
    "room": (
        lambda sdk: list(sdk.model_capacities.list("OpenAI", *LUNA)),
        lambda arm: list_room(arm, ROOT, "OpenAI", TargetModel(*LUNA)),
    ),
    "deployments": (
        lambda sdk: list(sdk.deployments.list(*WHERE)),
        lambda arm: deployments.list_deployments(arm, ACCOUNT),
    ),
    "deployment": (
        lambda sdk: sdk.deployments.get(*WHERE, "chat"),
        lambda arm: deployments.read_deployment(arm, ACCOUNT, "chat"),
    ),
    "PUT": (
        lambda sdk: sdk.deployments.begin_create_or_update(*WHERE, "new", sdk_body(), polling=False),
        lambda arm: arm.put(
            ACCOUNT.deployment_path("new"),
            deployments.VERSION,
            deployments.new_deployment({**NEW, "policy": "NoAutoUpgrade"}),
        ),
    ),
    "PATCH": (
        lambda sdk: sdk.deployments.begin_update(
            *WHERE,
            "chat",
            types.PatchResourceTagsAndSku(sku=types.Sku(name="GlobalStandard", capacity=20)),
            polling=False,
        ),
        lambda arm: arm.patch(
            CHAT,
            deployments.VERSION,
            deployments.with_capacity(deployments.read_deployment(arm, ACCOUNT, "chat"), 20),
        ),
    ),
    "DELETE": (
        lambda sdk: sdk.deployments.begin_delete(*WHERE, "chat", polling=False),
        lambda arm: arm.delete(CHAT, deployments.VERSION),
    ),
}


def sent(cloud: Cloud, call: Callable[[], Any], method: str | None) -> list[tuple[Any, ...]]:
    """What a call sends: method, path, query, body."""
    before = len(cloud.requests)
    call()
    found = [(each.method, each.path, dict(each.query), each.body) for each in cloud.requests[before:]]
    return [each for each in found if method in (None, each[0])]


@pytest.mark.parametrize("name", CALLS)
def test_our_call_is_the_sdks(student: DoctorCli, sdk: CognitiveServicesManagementClient, name: str) -> None:
    theirs, ours = CALLS[name]
    method = name if name.isupper() else None
    with Arm() as arm:
        expected = sent(student.cloud, lambda: theirs(sdk), method)
        student.manager.providers[1].pending.clear()  # type: ignore[attr-defined]
        student.manager.providers[1].deployments.setdefault("chat", {})  # type: ignore[attr-defined]
        assert sent(student.cloud, lambda: ours(arm), method) == expected
    assert expected


def unknown_keys(kind: Any, value: Any, path: str) -> Iterator[str]:
    """The keys of an answer that the SDK's type does not know, at every depth."""
    if not isinstance(value, dict) or not hasattr(kind, "_attribute_map"):
        return
    known = {each["key"].split(".")[-1]: each["type"] for each in kind._attribute_map.values()}
    for key, item in value.items():
        if key not in known:
            yield f"{path}.{key}"
            continue
        inner = known[key].strip("[]")
        for one in item if isinstance(item, list) else [item]:
            yield from unknown_keys(getattr(types, inner, None), one, f"{path}.{key}")


def test_the_played_server_answers_nothing_that_the_sdk_does_not_know(
    student: DoctorCli, sdk: CognitiveServicesManagementClient, shop: ModelAccount
) -> None:
    answers = {
        types.Deployment: list(shop.deployments.values()),
        types.Account: [shop.document()],
        types.Model: student.ai.models,
        types.Usage: student.ai.usages,
        types.ModelCapacityListResultValueItem: [
            student.manager.providers[0].entry(LUNA, "x", "GlobalStandard", 1)  # type: ignore[attr-defined]
        ],
    }
    for kind, found in answers.items():
        assert found
        for each in found:
            assert list(unknown_keys(kind, each, kind.__name__)) == []
    assert list(unknown_keys(types.Deployment, {"properties": {"model": {"nmae": 1}}}, "x")) == [
        "x.properties.model.nmae"
    ]


def test_the_sdk_would_drop_what_we_send_back(shop: ModelAccount) -> None:
    shop.deployments["chat"]["properties"]["deploymentState"] = "Running"
    document = shop.deployments["chat"]
    theirs = types.Deployment.deserialize(document).serialize()
    assert "deploymentState" not in theirs["properties"]
    assert deployments.writable(document)["properties"]["deploymentState"] == "Running"
    assert Deployment(document).state == "Succeeded"
