"""Which errors are retried, for how long, and what is said of a resource that exists already."""

import asyncio

import pulumi
import pytest

from infra import retries
from tests.infra.modes import MODES
from tests.infra.recorder import run_program

STORAGE = "urn:pulumi:dev::vector-lake::vector-lake:infra:Storage"
CONTAINER = f"{STORAGE}$azure-native:storage:BlobContainer::raw"
RESOURCE_ID = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/st/containers/raw"
EXISTS = f"cannot create already existing resource '{RESOURCE_ID}'"
IMPORT = (
    f"pulumi import azure-native:storage:BlobContainer raw '{RESOURCE_ID}' --parent 'parent={STORAGE}::storage' "
    "--protect=false --generate-code=false --stack dev"
)


def ask_hook(errors: list[str], monkeypatch: pytest.MonkeyPatch) -> tuple[bool, list[float]]:
    """Return the hook's answer to these errors, newest first, and its waits in seconds."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    failed = pulumi.ErrorHookArgs(urn=CONTAINER, id="i", name="n", type="t", errors=errors)
    return asyncio.run(retries.should_retry(failed)), waits


@pytest.mark.parametrize(
    "error",
    [
        'Status=409 Code="ServerIsBusy" Message="wait"',
        'Status=409 Code="RequestConflict" Message="wait"',
        'Status=400 Code="PrincipalNotFound" Message="wait"',
        'Status=409 Code="StorageAccountOperationInProgress" Message="wait"',
        'Status=409 Code="StorageAccountIsNotProvisioned" Message="wait"',
        'Status=409 Code="ResourceGroupBeingDeleted" Message="wait"',
        'Status=429 Code="RetryableError" Message="A retryable error occurred."',
        'Code="BadRequest" Message="Parent account does not provision correctly, please retry creating the account."',
        'Code="AccountProvisioningStateInvalid" Message="Account ai-fer in state Accepted"',
    ],
)
def test_a_transient_error_is_retried(error: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask_hook([error], monkeypatch) == (True, [2])


@pytest.mark.parametrize("errors", [[], ["InsufficientQuota"], ["AuthorizationFailed", "ServerIsBusy"]])
def test_a_permanent_error_is_reported_at_once(errors: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask_hook(errors, monkeypatch) == (False, [])


def test_notice_grow_to_a_minute_and_attempts_end(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [ask_hook(["ServerIsBusy"] * count, monkeypatch) for count in range(1, retries.MAX_ATTEMPTS + 1)]
    assert [wait for _, waits in answers for wait in waits] == [2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60]
    assert [again for again, _ in answers] == [True] * 11 + [False]


def test_a_retry_that_finds_its_own_resource_says_how_to_import_it(monkeypatch: pytest.MonkeyPatch) -> None:
    logged: list[str] = []
    monkeypatch.setattr(pulumi.log, "error", logged.append)
    busy = 'Status=409 Code="StorageAccountOperationInProgress"'
    assert ask_hook([EXISTS, busy], monkeypatch) == (False, [])
    (advice,) = logged
    assert advice.startswith(f"Azure created {RESOURCE_ID}, but answered with an error ({busy})")
    assert f"`{IMPORT}`, then run `pulumi up` again" in advice
    assert "`python -m jobs recover --target dev` takes it in" in advice
    assert "docs/azure.md" in advice


def test_a_resource_that_was_there_before_may_be_somebody_elses() -> None:
    advice = retries.explain_existing(CONTAINER, [EXISTS])
    assert "`python -m jobs recover --target dev` finds out which" in advice
    assert f"az resource show --ids '{RESOURCE_ID}'" in advice
    assert f"If it belongs to this stack, take it in with `{IMPORT}`" in advice
    assert "If not, choose another nameSuffix or resourceGroup" in advice
    assert retries.explain_existing(CONTAINER, ["ServerIsBusy", EXISTS]) == ""


def test_the_import_of_the_group_needs_no_parent() -> None:
    group = "urn:pulumi:dev::vector-lake::azure-native:resources:ResourceGroup::group"
    command = retries.import_command(group, "/subscriptions/s/resourceGroups/rg")
    assert command.startswith("pulumi import azure-native:resources:ResourceGroup group '/subscriptions/s/")
    assert "--parent" not in command


@pytest.mark.parametrize("mode", MODES)
def test_the_parent_of_every_resource_is_named_by_its_own_urn(mode: str) -> None:
    for each in run_program(MODES[mode]).registered:
        if each.kind != "ResourceGroup":
            # Only the recorder's URNs name the stack as a parent.
            assert retries.parent_urn(each.urn) == each.parent.replace("pulumi:pulumi:Stack$", "")
