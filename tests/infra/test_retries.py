"""What is tried again, and for how long."""

import asyncio

import pulumi
import pytest

from infra import retries


def asked(errors: list[str], monkeypatch: pytest.MonkeyPatch) -> tuple[bool, list[float]]:
    """The answer to these errors, newest first, and how long it waited."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    failed = pulumi.ErrorHookArgs(urn="u", id="i", name="n", type="t", errors=errors)
    return asyncio.run(retries.try_again(failed)), waits


@pytest.mark.parametrize(
    "code",
    ["ServerIsBusy", "RequestConflict", "PrincipalNotFound", "StorageAccountOperationInProgress"],
)
def test_what_passes_is_tried_again(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked([f'Status=409 Code="{code}" Message="wait"'], monkeypatch) == (True, [2])


@pytest.mark.parametrize("errors", [[], ["InsufficientQuota"], ["AuthorizationFailed", "ServerIsBusy"]])
def test_what_does_not_pass_is_told_at_once(errors: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked(errors, monkeypatch) == (False, [])


def test_waits_grow_to_a_minute_and_end(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [asked(["ServerIsBusy"] * count, monkeypatch) for count in range(1, retries.TRIES + 1)]
    assert [wait for _, waits in answers for wait in waits] == [2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60]
    assert [again for again, _ in answers] == [True] * 11 + [False]
