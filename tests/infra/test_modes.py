"""The whole program in every mode: it runs, also before anything exists, and speaks Azure's and the SDK's language."""

import importlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

import pytest
from pulumi._types import input_type_py_to_pulumi_names, input_type_types, is_input_type
from pulumi.runtime import rpc

from tests.infra.configuration import ROOT
from tests.infra.modes import MODES
from tests.infra.recorder import Program, Registered, run_program

CONTRACT = ROOT.parent / "shared" / "contract"
# The checker takes these names for parts of the body, though they are parts of the resource's address.
ADDRESS = {
    "LinkedService": "linkedServiceName",
    "AdministratorsMicrosoftEntra": "objectId",
    "DiagnosticSetting": "resourceUri",
}


@pytest.fixture(scope="module", params=MODES, ids=lambda mode: mode.replace(" ", "-"))
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def program(mode: str) -> Program:
    return run_program(MODES[mode])


def azure(program: Program) -> list[Registered]:
    return [each for each in program.registered if each.token.startswith("azure-native:")]


def plain(value: Any) -> Any:
    """A value without the marks of its secrets."""
    value = rpc.unwrap_rpc_secret(value) if rpc.is_rpc_secret(value) else value
    if isinstance(value, dict):
        return {key: plain(child) for key, child in value.items()}
    return [plain(child) for child in value] if isinstance(value, list) else value


def test_preview_registers_the_same_resources(mode: str, program: Program) -> None:
    preview = run_program(MODES[mode], first_preview=True)
    assert {each.urn for each in preview.registered} == {each.urn for each in program.registered}
    assert preview.outputs.keys() == program.outputs.keys()
    assert preview.outputs["postgres_host"] is None


def test_every_resource_has_a_component_for_a_parent(program: Program) -> None:
    for each in program.registered:
        if each.kind != "ResourceGroup":
            assert "vector-lake:infra:" in each.parent, each.urn


def test_every_resource_says_where_it_is_and_whose(program: Program) -> None:
    # Without a place of its own it would take that of the setting azure-native:location.
    for each in azure(program):
        takes = set(input_type_py_to_pulumi_names(arguments(each)).values())
        if "location" in takes and each.token != "azure-native:resources:Deployment":
            assert each.inputs["location"] == ("global" if "dns" in each.token else "swedencentral"), each.urn
        if "tags" in takes:
            assert each.inputs["tags"] == {"project": "vector-lake", "stack": "test"}, each.urn


def test_every_resource_waits_for_the_group(program: Program) -> None:
    group = program.only("ResourceGroup")
    for each in azure(program):
        if each is not group:
            assert program.waits(each, group), each.urn


def test_no_two_resources_are_the_same_on_azure(program: Program) -> None:
    found = [json.dumps([each.token, plain(each.inputs)], sort_keys=True) for each in azure(program)]
    assert len(found) == len(set(found))
    roles = [
        (each.inputs["scope"], each.inputs["principalId"], each.inputs["roleDefinitionId"])
        for each in program.every("RoleAssignment")
    ]
    assert len(roles) == len(set(roles))


def test_no_input_or_output_has_the_password_in_clear(program: Program) -> None:
    for each in program.registered:
        assert "a-drawn-Passw0rd" not in json.dumps(without_secrets(each.inputs)), each.urn
    shown = {name: value for name, value in program.outputs.items() if name not in program.secrets}
    assert "a-drawn-Passw0rd" not in json.dumps(shown)


def without_secrets(value: Any) -> Any:
    if rpc.is_rpc_secret(value):
        return None
    if isinstance(value, dict):
        return {key: without_secrets(child) for key, child in value.items()}
    return [without_secrets(child) for child in value] if isinstance(value, list) else value


def test_every_key_is_one_that_azure_native_knows(program: Program) -> None:
    # It drops the others and says nothing. The documents of adf/ have the same test of their own.
    for each in azure(program):
        if each.kind not in ("LinkedService", "Dataset", "Pipeline", "Trigger"):
            assert list(dropped(plain(each.inputs), arguments(each), "")) == [], each.urn


def test_the_guard_finds_a_dropped_key(program: Program) -> None:
    account = program.named("lake")
    planted = {**account.inputs, "sku": {"name": "Standard_LRS", "Tier": "x"}, "is_hns_enabled": True}
    assert set(dropped(planted, arguments(account), "")) == {".sku.Tier", ".is_hns_enabled"}
    connection = program.named("connection-lake")
    spelled = {**connection.inputs, "properties": {"authType": "AAD", "is_shared_to_all": True}}
    assert list(dropped(spelled, arguments(connection), "")) == [".properties.is_shared_to_all"]


def arguments(resource: Registered) -> type:
    module = importlib.import_module(f"pulumi_azure_native.{resource.token.split(':')[1].partition('/')[0]}")
    home = vars(sys.modules[getattr(module, resource.kind).__module__])
    # InitArgs where a class of values has the shorter name already
    return next(home[name] for name in (f"{resource.kind}InitArgs", f"{resource.kind}Args") if name in home)


def dropped(node: Mapping[str, Any], kind: type, path: str) -> Iterator[str]:
    """The paths below an object that its class does not know."""
    names = set(input_type_py_to_pulumi_names(kind).values())
    hints = input_type_types(kind)
    for key, value in node.items():
        if key not in names:
            yield f"{path}.{key}"
        else:
            yield from below(value, hints[key], f"{path}.{key}")


def below(value: Any, hint: Any, path: str) -> list[str]:
    """The same for a value, whichever of the classes that its type allows fits best."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [found for at, item in enumerate(value) for found in below(item, hint, f"{path}.{at}")]
    choices = classes(hint)
    if not isinstance(value, dict) or not choices:
        return []
    if "Mapping" in str(hint).partition("[")[0]:
        return [found for key, item in value.items() for found in below(item, choices[0], f"{path}.{key}")]
    return min((list(dropped(value, each, path)) for each in choices), key=len)


def classes(hint: Any) -> list[type]:
    if is_input_type(hint):
        return [hint]
    return [found for part in get_args(hint) for found in classes(part)]


@pytest.mark.skipif(not CONTRACT.is_dir(), reason="Azure's own types are not beside this checkout")
def test_azure_s_own_types_have_no_objection(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(CONTRACT))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    arm_contract = importlib.import_module("arm_contract")
    resources = [
        {
            "token": each.token,
            "name": each.urn.rpartition("::")[2],
            "inputs": {key: value for key, value in plain(each.inputs).items() if key != ADDRESS.get(each.kind)},
        }
        for each in azure(program)
    ]
    violations, checked, unknown = arm_contract.violations(resources)
    assert violations == []
    assert set(unknown) <= {"azure-native:resources:Deployment"}
    assert checked > 30
