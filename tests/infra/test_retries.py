"""Which errors are retried, and for how long."""

import asyncio

import pulumi
import pytest

from infra import retries


def ask_hook(errors: list[str], monkeypatch: pytest.MonkeyPatch) -> tuple[bool, list[float]]:
    """Return the hook's answer to these errors, newest first, and its waits in seconds."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    failed = pulumi.ErrorHookArgs(urn="u", id="i", name="n", type="t", errors=errors)
    return asyncio.run(retries.should_retry(failed)), waits


@pytest.mark.parametrize(
    "code",
    ["ServerIsBusy", "RequestConflict", "PrincipalNotFound", "StorageAccountOperationInProgress"],
)
def test_a_transient_error_is_retried(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask_hook([f'Status=409 Code="{code}" Message="wait"'], monkeypatch) == (True, [2])


@pytest.mark.parametrize("errors", [[], ["InsufficientQuota"], ["AuthorizationFailed", "ServerIsBusy"]])
def test_a_permanent_error_is_reported_at_once(errors: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask_hook(errors, monkeypatch) == (False, [])


def test_waits_grow_to_a_minute_and_attempts_end(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [ask_hook(["ServerIsBusy"] * count, monkeypatch) for count in range(1, retries.MAX_ATTEMPTS + 1)]
    assert [wait for _, waits in answers for wait in waits] == [2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60]
    assert [again for again, _ in answers] == [True] * 11 + [False]
