"""Every mode by Pulumi's own engine: up, quiet, refresh, a change and back, down to the last resource."""

import pytest

from tests.engine.engine_stack import EngineStack
from tests.engine.stack_modes import CHECKED, EXHAUSTIVE, MOVES, Mode

pytestmark = pytest.mark.engine
ALL = {**CHECKED, **EXHAUSTIVE, **MOVES}
CASES = [
    pytest.param(mode, id=name, marks=[] if name in CHECKED else pytest.mark.exhaustive) for name, mode in ALL.items()
]


@pytest.mark.parametrize("mode", CASES)
def test_a_mode_from_its_first_up_to_its_end(engine_stack: EngineStack, mode: Mode) -> None:
    stack, (settings, change) = engine_stack, mode
    stack.configure(settings)
    stack.up()
    stack.check_quiet()
    stack.check_refresh_quiet()
    for step in (change, dict.fromkeys(change) | settings) if change else ():
        purge_all(stack)
        stack.configure(step)
        stack.up()
        stack.check_quiet()
    if settings.get("protectLake"):
        stack.configure({"protectLake": False})
        stack.up()
    stack.destroy()
    assert not stack.azure.resources
    assert stack.plugins.azure_native.dropped == []


def purge_all(stack: EngineStack) -> None:
    """Purge what is soft-deleted, as doctor and docs/azure.md say, before a name is used again."""
    stack.azure.deleted_secrets.clear()
    for each in list(stack.azure.deleted):
        stack.azure.purge(each)


@pytest.mark.exhaustive
@pytest.mark.parametrize("pattern", ["/factories/adf-fer-dev$", "/flexibleServers/psql-fer-dev$"])
def test_what_somebody_deleted_in_the_portal_is_made_again(engine_stack: EngineStack, pattern: str) -> None:
    engine_stack.up()
    assert engine_stack.azure.lose(pattern)
    engine_stack.refresh()
    engine_stack.up()
    engine_stack.check_quiet()
    engine_stack.destroy()
    assert not engine_stack.azure.resources


@pytest.mark.exhaustive
def test_a_region_that_the_policy_refuses_fails_and_comes_down(engine_stack: EngineStack) -> None:
    engine_stack.azure.allowed_locations = ["spaincentral", "francecentral"]
    failed = engine_stack.try_up()
    assert failed.status != 0 and "RequestDisallowedByAzure" in failed.output
    engine_stack.destroy()
    assert not engine_stack.azure.resources
