"""An upgrade that takes its time: other operations, lost answers, limits, Ctrl-C, and what Azure does not do."""

import json
from typing import Any

import pytest
from azure.core.pipeline.transport import HttpTransport

from tests.azure_fakes.cloud import Response, requests_with_method
from tests.azure_fakes.model_account import ModelAccount
from tests.azure_fakes.resource_manager import HOST, error_response
from tests.jobs.models.shop import LUNA, OTHER, only_long_waits
from tests.jobs.models.upgrades import NEWER, changes, upgrade
from tests.jobs.student import DoctorCli

EXPIRED = {"error": {"code": "ExpiredAuthenticationToken", "message": "Expired."}}


@pytest.mark.parametrize(
    ("outcome", "states", "text"),
    [
        ("Failed", ("Updating",), "pinned is Failed"),
        ("Canceled", ("Updating",), "pinned is Canceled"),
        ("gone", ("Updating",), "pinned is gone"),
        ("old", ("Updating",), f"has version {LUNA[1]}, not version {NEWER}"),
        ("Succeeded", ("Updating",) * 200, "pinned is Updating after 60 minutes"),
    ],
)
def test_what_azure_did_not_do_is_a_failure(
    student: DoctorCli, newer_shop: ModelAccount, sleeps: list[float], outcome: str, states: tuple[str, ...], text: str
) -> None:
    newer_shop.outcome, newer_shop.states = outcome, states
    status, seen = upgrade(student, "pinned", f"@{NEWER}")
    assert status == 1
    assert text.replace("version ", "") in seen.replace("version ", "").replace(f"model {LUNA[0]}, ", "")


def test_a_busy_account_is_waited_out(student: DoctorCli, newer_shop: ModelAccount, sleeps: list[float]) -> None:
    newer_shop.conflicts = 2
    status, seen = upgrade(student, "pinned", f"@{NEWER}")
    assert (status, len(changes(student)), "does something else" in seen) == (0, 3, True)


def test_an_answer_without_a_body_is_waited_for(
    student: DoctorCli, newer_shop: ModelAccount, sleeps: list[float]
) -> None:
    newer_shop.accepted, newer_shop.states = True, ("Accepted", "Updating")
    assert upgrade(student, "pinned", f"@{NEWER}")[0] == 0


def test_the_same_command_again_sends_nothing(
    student: DoctorCli, newer_shop: ModelAccount, sleeps: list[float]
) -> None:
    upgrade(student, "pinned", f"@{NEWER}")
    newer_shop.deployments["pinned"]["properties"]["provisioningState"] = "Updating"
    newer_shop.pending["pinned"] = ["Updating", "Updating", "Succeeded"]
    status, _ = upgrade(student, "pinned", f"@{NEWER}")
    assert (status, len(changes(student))) == (0, 1)
    newer_shop.pending["pinned"] = ["Updating", "Succeeded"]
    assert student.run("models", "upgrade", "--watch", "pinned", *OTHER)[0] == 0
    assert len(changes(student)) == 1


def test_no_wait_ends_at_once(student: DoctorCli, newer_shop: ModelAccount, sleeps: list[float]) -> None:
    newer_shop.states = ("Updating",) * 9
    status, seen = student.run("models", "upgrade", "pinned", f"@{NEWER}", *OTHER, "--yes", "--no-wait", "--json")
    result = json.loads(seen[seen.index('{"name"') : seen.rindex("}") + 1])
    assert (status, result["state"], result["verified"], sleeps) == (0, "Updating", False, [])
    assert len(requests_with_method(student.cloud, "PUT")) == 1


def test_a_token_that_expires_and_a_limited_rate_do_not_end_it(
    student: DoctorCli, newer_shop: ModelAccount, sleeps: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(HttpTransport, "sleep", lambda self, seconds: None)
    newer_shop.states = ("Updating",) * 6
    number = iter(range(1000))
    answers = {1: Response(429, headers={"Retry-After": "3"}), 9: Response(401, EXPIRED), 12: Response(429, None)}
    inner = student.cloud.services[HOST]
    student.cloud.services[HOST] = lambda request: answers.get(next(number)) or inner(request)
    assert upgrade(student, "pinned", f"@{NEWER}")[0] == 0
    assert next(number) > 12


def test_ctrl_c_leaves_azure_to_go_on_and_says_how_to_look_again(
    student: DoctorCli, newer_shop: ModelAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("jobs.wait.time.sleep", only_long_waits(interrupt))
    newer_shop.states = ("Updating",) * 3
    status, seen = upgrade(student, "pinned", f"@{NEWER}")
    assert (status, "Azure goes on" in seen) == (130, True)
    assert "`python -m jobs models upgrade --watch pinned --account ai-shop --resource-group rg-shop`" in seen
    assert len(changes(student)) == 1


def test_what_azure_changed_besides_is_a_failure_too(
    student: DoctorCli, newer_shop: ModelAccount, sleeps: list[float]
) -> None:
    real = newer_shop.store

    def store(name: str, body: dict[str, Any], state: str = "Succeeded") -> dict[str, Any]:
        changed = {**body["properties"], "versionUpgradeOption": "OnceNewDefaultVersionAvailable"}
        return real(name, {**body, "properties": changed}, state)

    newer_shop.store = store  # type: ignore[method-assign]
    status, seen = upgrade(student, "pinned", f"@{NEWER}")
    assert (status, "policy OnceNewDefaultVersionAvailable, not policy NoAutoUpgrade" in seen) == (1, True), seen


@pytest.mark.parametrize(
    ("code", "ends"),
    [("InsufficientQuota", 3), ("ServiceModelDeprecated", 4), ("DeploymentModelNotSupported", 5), ("X", 1)],
)
def test_what_azure_refuses_has_the_exit_status_of_why(
    student: DoctorCli, newer_shop: ModelAccount, code: str, ends: int
) -> None:
    inner = student.cloud.services[HOST]
    refused = error_response(400, code)
    student.cloud.services[HOST] = lambda request: refused if request.method == "PUT" else inner(request)
    status, seen = upgrade(student, "pinned", f"@{NEWER}")
    assert (status, code in seen) == (ends, True)
