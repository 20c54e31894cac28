"""What `pulumi up` meets on Azure besides its own mistakes: drift, limits, expired logins, missing rights."""

from typing import Any

import pytest

from tests.azure_fakes.azure import Azure
from tests.engine.engine_stack import EngineStack

pytestmark = [pytest.mark.engine, pytest.mark.exhaustive]
CONTRIBUTOR: list[dict[str, Any]] = [{"actions": ["*"], "notActions": ["Microsoft.Authorization/*/Write"]}]
ADDRESS = "203.0.113.7"


def test_a_firewall_that_somebody_changed_is_shown_and_brought_back(engine_stack: EngineStack) -> None:
    engine_stack.configure({"allowedIps": [ADDRESS]})
    engine_stack.up()
    rule = rule_of(engine_stack.azure)
    rule.body["properties"]["endIpAddress"] = "203.0.113.99"
    seen = engine_stack.pulumi("refresh", "--preview-only", "--diff", "--stack", "dev")
    assert "203.0.113.99" in seen and "endIpAddress" in seen
    engine_stack.refresh()
    engine_stack.up()
    assert rule_of(engine_stack.azure).value("properties.endIpAddress") == ADDRESS
    engine_stack.check_quiet()
    engine_stack.destroy()


def rule_of(azure: Azure) -> Any:
    (rule,) = [each for each in azure.resources.values() if each.name == f"allow-{ADDRESS.replace('.', '-')}"]
    return rule


def test_throttled_requests_are_sent_again(engine_stack: EngineStack) -> None:
    engine_stack.azure.throttled = 5
    engine_stack.up()
    assert engine_stack.azure.throttled == 0
    engine_stack.destroy()


def test_a_token_that_runs_out_in_the_middle_is_renewed(engine_stack: EngineStack) -> None:
    engine_stack.azure.token_seconds = 2.0
    engine_stack.up()
    assert len(engine_stack.azure.tokens) > 1
    engine_stack.destroy()


def test_without_a_login_nothing_is_made_and_after_it_up_goes_on(engine_stack: EngineStack) -> None:
    engine_stack.azure.token_seconds = 0.0
    engine_stack.azure.logged_out = True
    failed = engine_stack.try_up()
    assert failed.status != 0 and "AADSTS700082" in failed.output
    assert not engine_stack.azure.resources
    engine_stack.azure.logged_out = False
    engine_stack.azure.token_seconds = 3600.0
    engine_stack.up()
    engine_stack.destroy()


def test_an_unregistered_provider_stops_up_until_it_is_registered(engine_stack: EngineStack) -> None:
    engine_stack.azure.providers["Microsoft.Search"] = "NotRegistered"
    engine_stack.configure({"search": "basic"})
    failed = engine_stack.try_up()
    assert failed.status != 0 and "MissingSubscriptionRegistration" in failed.output
    engine_stack.azure.providers["Microsoft.Search"] = "Registered"
    engine_stack.up()
    engine_stack.check_quiet()
    engine_stack.destroy()


def test_a_contributor_makes_all_but_the_roles_and_an_owner_the_rest(engine_stack: EngineStack) -> None:
    engine_stack.azure.permissions = CONTRIBUTOR
    failed = engine_stack.try_up()
    assert failed.status != 0 and "AuthorizationFailed" in failed.output
    engine_stack.azure.permissions = [{"actions": ["*"], "notActions": []}]
    engine_stack.up()
    engine_stack.check_quiet()
    engine_stack.destroy()
    assert not engine_stack.azure.resources


def test_a_quota_that_is_used_up_stops_up_and_without_models_it_goes_on(engine_stack: EngineStack) -> None:
    engine_stack.azure.usages[0]["limit"] = 0
    failed = engine_stack.try_up()
    assert failed.status != 0 and "InsufficientQuota" in failed.output
    engine_stack.configure({"models": []})
    engine_stack.up()
    engine_stack.check_quiet()
    engine_stack.destroy()
    assert not engine_stack.azure.resources
