"""One stack from its first preview to its last resource, by Pulumi's own engine."""

import json
import re

import pytest

from tests.engine.engine_stack import STACK, EngineStack
from tests.engine.graph import Graph, undeclared, unordered
from tests.infra.configuration import ROOT

pytestmark = pytest.mark.engine
NEW_PASSWORDS = "**:RandomPassword::*"
LARGER = {"postgresSku": "Standard_B2s", "allowedIps": ["203.0.113.7"]}


def test_a_stack_from_its_first_preview_through_a_change_to_its_end_and_once_more(engine_stack: EngineStack) -> None:
    stack = engine_stack
    stack.pulumi("preview", "--stack", STACK)
    assert not stack.azure.resources
    stack.up()
    stack.check_quiet()
    stack.check_refresh_quiet()
    check_state(stack)
    for change in (LARGER, dict.fromkeys(LARGER)):  # there and back
        stack.configure(change)
        stack.up()
        stack.check_quiet()
    check_new_passwords(stack)
    stack.destroy()
    assert not stack.azure.resources
    for each in list(stack.azure.deleted):
        stack.azure.purge(each)
    stack.up()
    stack.destroy()
    assert not stack.azure.resources


def check_state(stack: EngineStack) -> None:
    """Check the order that the program declares, what the provider dropped, and that no secret is in plain text."""
    state = stack.state()
    graph = Graph(state)
    assert undeclared(graph, stack.azure) == []
    assert unordered(graph, stack.azure) == []
    assert stack.plugins.azure_native.dropped == []
    passwords = stack.plugins.random.passwords
    output = stack.pulumi("stack", "output", "--json", "--stack", STACK)
    assert len(passwords) == 3 and not any(each in json.dumps(state) or each in output for each in passwords)
    assert json.loads(output)["postgres_host"] == "psql-fer-dev.postgres.database.azure.com"


def check_new_passwords(stack: EngineStack) -> None:
    """Check that docs/operating.md's command draws all passwords again, hands them on, and replaces nothing else."""
    assert NEW_PASSWORDS in (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    old = list(stack.plugins.random.passwords)
    output = stack.pulumi("up", "--yes", "--skip-preview", "--stack", STACK, "--replace", NEW_PASSWORDS)
    new = stack.plugins.random.passwords[len(old) :]
    assert len(new) == 3 and not set(new) & set(old)
    assert set(re.findall(r"(\S+) \S+ replaced", output)) == {"random:index:RandomPassword"}
    outputs = json.loads(stack.pulumi("stack", "output", "--json", "--show-secrets", "--stack", STACK))
    assert {value for name, value in outputs.items() if name.endswith("_password")} == set(new)
    there = json.dumps([each.body for each in stack.azure.resources.values()])
    assert all(each in there for each in new) and not any(each in there for each in old)
    stack.check_quiet()
