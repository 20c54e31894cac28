"""The whole program in every mode: it runs, also in a first preview, with inputs that the SDK and Azure know."""

import importlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

import pytest
from pulumi._types import input_type_py_to_pulumi_names, input_type_types, is_input_type

from tests.azure_types.check import violations
from tests.azure_types.resources import VERSIONS, short_token
from tests.infra.modes import MODES
from tests.infra.recorder import Program, Registered, run_program
from tests.infra.secret_values import plain, without_secrets


@pytest.fixture(scope="module", params=MODES, ids=lambda mode: mode.replace(" ", "-"))
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def program(mode: str) -> Program:
    return run_program(MODES[mode])


def azure(program: Program) -> list[Registered]:
    """Return the resources of azure-native."""
    return [each for each in program.registered if each.token.startswith("azure-native:")]


def test_preview_registers_the_same_resources(mode: str, program: Program) -> None:
    preview = run_program(MODES[mode], first_preview=True)
    assert {each.urn for each in preview.registered} == {each.urn for each in program.registered}
    assert preview.outputs.keys() == program.outputs.keys()
    assert preview.outputs["postgres_host"] is None


def test_every_resource_has_a_component_for_a_parent(program: Program) -> None:
    for each in program.registered:
        if each.kind != "ResourceGroup":
            assert "vector-lake:infra:" in each.parent, each.urn


def test_every_resource_has_its_location_and_tags(program: Program) -> None:
    # Without a location it would get the one of the setting azure-native:location.
    for each in azure(program):
        names = set(input_type_py_to_pulumi_names(arguments(each)).values())
        if "location" in names and each.token != "azure-native:resources:Deployment":
            assert each.inputs["location"] == ("global" if "dns" in each.token else "swedencentral"), each.urn
        if "tags" in names:
            assert each.inputs["tags"] == {"project": "vector-lake", "stack": "test"}, each.urn


def test_no_resource_sends_an_empty_text(program: Program) -> None:
    # The SDK fills in some, such as a server's availabilityZone.
    assert [each.name for each in azure(program) if '": ""' in json.dumps(plain(each.inputs))] == []


def test_every_resource_waits_for_the_group(program: Program) -> None:
    group = program.only("ResourceGroup")
    for each in azure(program):
        if each is not group:
            assert program.waits(each, group), each.urn


def test_no_two_resources_are_the_same_on_azure(program: Program) -> None:
    inputs = [json.dumps([each.token, plain(each.inputs)], sort_keys=True) for each in azure(program)]
    assert len(inputs) == len(set(inputs))
    roles = [
        (each.inputs["scope"], each.inputs["principalId"], each.inputs["roleDefinitionId"])
        for each in program.every("RoleAssignment")
    ]
    assert len(roles) == len(set(roles))


def test_no_input_or_output_has_the_password_in_plain_text(program: Program) -> None:
    for each in program.registered:
        assert "a-drawn-Passw0rd" not in json.dumps(without_secrets(each.inputs)), each.urn
    shown = {name: value for name, value in program.outputs.items() if name not in program.secrets}
    assert "a-drawn-Passw0rd" not in json.dumps(shown)


def test_azure_native_knows_every_key(program: Program) -> None:
    # It silently drops the others. The documents of adf/ have a test of their own.
    for each in azure(program):
        if each.kind not in ("LinkedService", "Dataset", "Pipeline", "Trigger"):
            assert list(dropped(plain(each.inputs), arguments(each), "")) == [], each.urn


def test_a_dropped_key_is_found(program: Program) -> None:
    account = program.named("lake")
    planted = {**account.inputs, "sku": {"name": "Standard_LRS", "Tier": "x"}, "is_hns_enabled": True}
    assert set(dropped(planted, arguments(account), "")) == {".sku.Tier", ".is_hns_enabled"}
    connection = program.named("connection-lake")
    snake_case = {**connection.inputs, "properties": {"authType": "AAD", "is_shared_to_all": True}}
    assert list(dropped(snake_case, arguments(connection), "")) == [".properties.is_shared_to_all"]


def arguments(resource: Registered) -> type:
    """Return the class of a resource's inputs."""
    module = importlib.import_module(f"pulumi_azure_native.{resource.token.split(':')[1].partition('/')[0]}")
    classes_of_module = vars(sys.modules[getattr(module, resource.kind).__module__])
    # InitArgs where a class of values has the shorter name
    return next(
        classes_of_module[name]
        for name in (f"{resource.kind}InitArgs", f"{resource.kind}Args")
        if name in classes_of_module
    )


def dropped(node: Mapping[str, Any], kind: type, path: str) -> Iterator[str]:
    """Yield the path of every key in an object that its class does not know."""
    names = set(input_type_py_to_pulumi_names(kind).values())
    hints = input_type_types(kind)
    for key, value in node.items():
        if key not in names:
            yield f"{path}.{key}"
        else:
            yield from below(value, hints[key], f"{path}.{key}")


def below(value: Any, hint: Any, path: str) -> list[str]:
    """Return the same for a value, with the class that fits best of those that its type allows."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [each for index, item in enumerate(value) for each in below(item, hint, f"{path}.{index}")]
    choices = classes(hint)
    if not isinstance(value, dict) or not choices:
        return []
    if "Mapping" in str(hint).partition("[")[0]:
        return [each for key, item in value.items() for each in below(item, choices[0], f"{path}.{key}")]
    return min((list(dropped(value, each, path)) for each in choices), key=len)


def classes(hint: Any) -> list[type]:
    """Return the input classes that a type is made of."""
    if is_input_type(hint):
        return [hint]
    return [each for part in get_args(hint) for each in classes(part)]


def test_azures_own_types_allow_every_resource(program: Program) -> None:
    resources = [(short_token(each.token), each) for each in azure(program)]
    checked = [(token, each) for token, each in resources if token in VERSIONS]
    assert [line for token, each in checked for line in violations(token, each.name, plain(each.inputs))] == []
    assert {token for token, _ in resources} - VERSIONS.keys() <= {"resources:Deployment"}
    assert len(checked) > 30
