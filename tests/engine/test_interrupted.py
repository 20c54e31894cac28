"""`pulumi up` killed, or answered with an error although the resource stands: `recover` brings the stack back."""

import pytest

from tests.azure_fakes.arm_ids import is_type
from tests.engine.engine_stack import EngineStack

pytestmark = pytest.mark.engine
OPERATION_SECONDS = 0.8  # so that every kill meets a running operation
KILLS = [4.0, 6.0, 2.5, 3.3, 5.0, 7.0, 8.0, 9.0, 10.0, 12.0]
HALF_MADE = [
    "/storageAccounts/stferlakehousedev$",
    "/accounts/ai-fer-dev/projects/",
    "/vaults/kv-fer-dev/secrets/",
    "/flexibleServers/psql-fer-dev/databases/",
    "/factories/adf-fer-dev/pipelines/",
]
WITH_DATA = (
    "Microsoft.DBforPostgreSQL/flexibleServers",
    "Microsoft.DBforPostgreSQL/flexibleServers/databases",
    "Microsoft.Storage/storageAccounts",
    "Microsoft.KeyVault/vaults",
)
CHECKED = 2  # of each list; the others with `make engine-all`


def some(values: list[object]) -> list[object]:
    """The parameters of a test: those after the first few are exhaustive."""
    marks = [[] if index < CHECKED else [pytest.mark.exhaustive] for index in range(len(values))]
    return [pytest.param(value, marks=each) for value, each in zip(values, marks, strict=True)]


@pytest.mark.parametrize("seconds", some([*KILLS]))
def test_a_killed_up_goes_on_after_recover(engine_stack: EngineStack, seconds: float) -> None:
    engine_stack.azure.operation_seconds = OPERATION_SECONDS
    engine_stack.kill_up(seconds)
    check_recovery(engine_stack)


@pytest.mark.parametrize("pattern", some([*HALF_MADE]))
def test_a_half_made_resource_is_taken_in(engine_stack: EngineStack, pattern: str) -> None:
    engine_stack.azure.half_made = [pattern]
    failed = engine_stack.try_up()
    assert failed.status != 0 and "cannot create already existing resource" in failed.output
    check_recovery(engine_stack)


@pytest.mark.exhaustive
def test_a_kill_in_a_change_to_private_loses_no_data(engine_stack: EngineStack) -> None:
    engine_stack.up()
    engine_stack.azure.operation_seconds = OPERATION_SECONDS
    kept = made_at(engine_stack, *WITH_DATA)
    engine_stack.configure({"private": True})
    engine_stack.kill_up(7.0)
    check_recovered(engine_stack)
    assert made_at(engine_stack, *WITH_DATA) == kept
    engine_stack.destroy()


def check_recovery(stack: EngineStack) -> None:
    """Check that the stack is whole after `recover` and `up`, with everything that stood before, and comes down."""
    before = made_at(stack)
    check_recovered(stack)
    assert before.items() <= made_at(stack).items()
    stack.destroy()
    assert not stack.azure.resources


def check_recovered(stack: EngineStack) -> None:
    """Check that `recover` deletes nothing in Azure, and that `pulumi up` then goes on and ends."""
    before = made_at(stack)
    recovered = stack.jobs("recover", "--yes")
    assert recovered.status == 0, recovered.output
    assert before.items() <= made_at(stack).items()
    stack.up()
    stack.check_quiet()


def made_at(stack: EngineStack, *kinds: str) -> dict[str, float]:
    """When each resource was made, by its id: of these types, or of all."""
    resources = stack.azure.resources.items()
    return {key: each.made_at for key, each in resources if not kinds or is_type(each.id, *kinds)}
