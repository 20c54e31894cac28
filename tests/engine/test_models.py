"""Pulumi's own engine and the deployments of models: what it changes, what it replaces, and what it leaves to Azure."""

import re
from typing import Any

import pytest

from tests.azure_fakes.azure import SUBSCRIPTION, TENANT, Resource
from tests.azure_fakes.model_offers import model, usage
from tests.engine.engine_stack import UP, EngineStack
from tests.infra.modes import CHAT

pytestmark = pytest.mark.engine
NEWER, LUNA = "2026-09-01", {"model": "gpt-5.6-luna", "version": "2026-07-09"}
PTU = "GlobalProvisionedManaged"
LOGIN = {
    "ARM_SUBSCRIPTION_ID": SUBSCRIPTION,
    "AZURE_TENANT_ID": TENANT,
    "AZURE_CLIENT_ID": "55555555-5555-5555-5555-555555555555",
    "AZURE_CLIENT_SECRET": "secret-of-the-tests",
}
LINE = re.compile(r"^ +(?:[+~-]+ *)?(\d+) (created|updated|replaced|deleted)", re.MULTILINE)


def offer_more(stack: EngineStack) -> None:
    """Azure offers a newer version of the default model too, and both families by provisioned throughput."""
    skus = [("GlobalStandard", "2199-01-01T00:00:00Z"), (PTU, "2199-01-01T00:00:00Z")]
    stack.azure.models = [
        model("gpt-5.4-mini", "2026-03-17", skus=skus),
        model("gpt-5.4-mini", NEWER, skus=skus, isDefaultVersion=False),
        model(LUNA["model"], LUNA["version"], skus=skus),
    ]
    stack.azure.usages += [usage(f"OpenAI.{PTU}.{each}", 0, 1000) for each in ("gpt5.4-mini", "gpt5.6-luna")]


def changes(output: str) -> dict[str, int]:
    """How many resources `pulumi up` created, updated, replaced and deleted."""
    return {kind: int(number) for number, kind in LINE.findall(output)}


def up(stack: EngineStack, *entries: dict[str, Any]) -> dict[str, int]:
    """Deploy these entries. Returns what that changed."""
    stack.configure({"models": list(entries)})
    return changes(stack.pulumi(*UP))


def deployment(stack: EngineStack, name: str = "chat") -> Resource:
    (found,) = [each for each in stack.azure.resources.values() if each.id.endswith(f"/deployments/{name}")]
    return found


def moved_by_azure(stack: EngineStack, **model: str) -> None:
    """Azure moves the deployment `chat`, and the state learns of it."""
    deployment(stack).body["properties"]["model"] |= {"name": model["model"], "version": model["version"]}
    stack.refresh()


def test_after_an_upgrade_that_wrote_the_setting_pulumi_sends_what_azure_has(engine_stack: EngineStack) -> None:
    offer_more(engine_stack)
    up(engine_stack, CHAT)
    made = deployment(engine_stack).made_at
    engine_stack.azure.operation_seconds = 0
    engine_stack.environment |= LOGIN
    done = engine_stack.jobs("models", "upgrade", "chat", f"@{NEWER}", "--yes", "--write")
    has = deployment(engine_stack).body
    assert (done.status, has["properties"]["model"]["version"]) == (0, NEWER), done.output
    assert changes(engine_stack.pulumi(*UP)) == {"updated": 1}
    sent = deployment(engine_stack)
    assert (sent.body["properties"]["model"], sent.body["sku"], sent.made_at) == (
        has["properties"]["model"],
        has["sku"],
        made,
    )
    engine_stack.check_quiet()
    engine_stack.check_refresh_quiet()


@pytest.mark.exhaustive
def test_another_version_is_an_update_in_place(engine_stack: EngineStack) -> None:
    offer_more(engine_stack)
    up(engine_stack, CHAT)
    made = deployment(engine_stack).made_at
    assert up(engine_stack, {**CHAT, "version": NEWER}) == {"updated": 1}
    assert deployment(engine_stack).made_at == made


@pytest.mark.exhaustive
def test_the_second_entry_of_a_migration_creates_and_its_end_forgets(engine_stack: EngineStack) -> None:
    second = {**CHAT, **LUNA, "alias": "chat-2"}
    offer_more(engine_stack)
    up(engine_stack, CHAT)
    assert up(engine_stack, CHAT, second) == {"created": 1}
    engine_stack.azure.remove(deployment(engine_stack).id)  # as `models migrate finish` does
    assert up(engine_stack, second) == {"deleted": 1}
    engine_stack.check_quiet()
    assert deployment(engine_stack, "chat-2")


@pytest.mark.exhaustive
@pytest.mark.parametrize(("sku", "expected"), [("GlobalStandard", {"replaced": 1}), (PTU, {"updated": 1})])
def test_another_family_replaces_one_deployment_by_the_token_and_none_that_is_provisioned(
    engine_stack: EngineStack, sku: str, expected: dict[str, int]
) -> None:
    chat, other = {**CHAT, "sku": sku, "capacity": 5}, {**CHAT, "alias": "other"}
    offer_more(engine_stack)
    up(engine_stack, chat, other)
    assert up(engine_stack, {**chat, **LUNA}, other) == expected
    engine_stack.check_quiet()


@pytest.mark.exhaustive
@pytest.mark.parametrize("policy", ["OnceCurrentVersionExpired", "OnceNewDefaultVersionAvailable"])
def test_what_azure_moved_to_another_family_is_left_alone(engine_stack: EngineStack, policy: str) -> None:
    offer_more(engine_stack)
    up(engine_stack, {**CHAT, "upgradePolicy": policy})
    moved_by_azure(engine_stack, **LUNA)
    engine_stack.check_quiet()
    assert deployment(engine_stack).value("properties.model.name") == LUNA["model"]
