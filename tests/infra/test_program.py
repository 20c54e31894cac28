"""The whole program: it runs twice in one process, and imports and sends only what it may."""

import ast
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.infra.configuration import INFRA, SIBLINGS
from tests.infra.recorder import Program, run_program


@pytest.fixture(scope="module")
def program() -> Program:
    """The program with two allowed addresses."""
    return run_program({"allowedIps": ["203.0.113.7", "198.51.100.9"], "nameSuffix": "x1"})


def test_runs_again_in_the_same_process_and_leaves_no_module_behind() -> None:
    first, again = run_program(), run_program()
    assert {each.urn: each.inputs for each in first.registered} == {each.urn: each.inputs for each in again.registered}
    assert first.outputs == again.outputs
    assert not SIBLINGS & sys.modules.keys()


def test_first_preview_needs_no_value_that_is_not_known_yet(program: Program) -> None:
    preview = run_program({"allowedIps": ["203.0.113.7", "198.51.100.9"]}, first_preview=True)
    assert {each.urn for each in preview.registered} == {each.urn for each in program.registered}
    assert preview.outputs["postgres_host"] is None


def test_imports_only_siblings_and_its_requirements() -> None:
    required = {"pulumi", "pulumi_azure_native", "pulumi_random"}
    for path in INFRA.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                assert name.partition(".")[0] in {*required, *SIBLINGS, *sys.stdlib_module_names}, path.name


def test_no_key_is_in_snake_case(program: Program) -> None:
    def keys(node: Any) -> Iterator[str]:
        if isinstance(node, dict):
            yield from node
        for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            yield from keys(child)

    # azure-native silently drops a key that it does not know.
    assert [key for each in program.registered for key in keys(each.inputs) if "_" in key] == []


@pytest.mark.parametrize(
    ("key", "kinds"),
    [
        ("databaseLocation", {"Server"}),
        ("storageLocation", {"StorageAccount"}),
        ("aiLocation", {"Account", "Project", "Service"}),
        ("mlLocation", {"Registry", "UserAssignedIdentity", "Workspace", "Component", "Compute", "StorageAccount"}),
    ],
)
def test_database_storage_and_models_may_be_in_other_regions(key: str, kinds: set[str]) -> None:
    learning = key == "mlLocation"
    program = run_program({key: "koreacentral", "search": "free", "machineLearning": learning})
    located = [each for each in program.registered if "location" in each.inputs]
    assert {each.kind for each in located if each.inputs["location"] == "koreacentral"} == kinds
    locations = {each.kind: each.inputs["location"] for each in located}
    assert locations["ResourceGroup"] == "swedencentral"


def test_factory_has_an_identity(program: Program) -> None:
    assert program.only("Factory").inputs["identity"] == {"type": "SystemAssigned"}
