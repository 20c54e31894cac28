"""How the documents of adf/ become inputs of azure-native."""

import copy

import pulumi
import pytest

from infra.adf_shape import bind, hoist_type_properties, resolve_references

FILE = "adf/linkedService/LS.json"


def test_bind_replaces_whole_leaves_by_values_of_any_type() -> None:
    host = object.__new__(pulumi.Output)
    document = {"server": "${postgres_host}", "port": "${postgres_port}", "more": [{"url": "${lake_url}"}], "ssl": 3}
    bound = bind(document, {"postgres_host": host, "postgres_port": 5432, "lake_url": ""}, FILE)
    assert bound["server"] is host
    assert {key: bound[key] for key in ("port", "more", "ssl")} == {"port": 5432, "more": [{"url": ""}], "ssl": 3}


@pytest.mark.parametrize("leaf", ["@{pipeline().RunId}", "$host", "{host}", None, True, 7])
def test_bind_keeps_every_other_leaf(leaf: object) -> None:
    assert bind({"leaf": leaf}, {"host": "h"}, FILE) == {"leaf": leaf}


def test_bind_refuses_an_unknown_name_and_lists_the_names_with_a_value() -> None:
    with pytest.raises(ValueError, match=r"LS\.json: there is no value for \$\{hots\}: use one of host, port"):
        bind([{"deep": "${hots}"}], {"port": 1, "host": "h"}, FILE)


@pytest.mark.parametrize("leaf", ["x${host}", "${host}/x", "${}", "${ host }"])
def test_bind_refuses_a_placeholder_that_is_only_part_of_a_text(leaf: str) -> None:
    with pytest.raises(ValueError, match="must be the whole text") as error:
        bind([{"deep": leaf}], {"port": 1, "host": "h"}, FILE)
    assert leaf in str(error.value)


def test_bind_does_not_bind_a_value_again() -> None:
    assert bind("${one}", {"one": "${two}", "two": 2}, FILE) == "${two}"


def test_hoist_flattens_at_every_depth() -> None:
    copy_activity = {"type": "Copy", "typeProperties": {"source": {"type": "BinarySource"}, "sink": {}}}
    loop = {"type": "ForEach", "name": "all", "typeProperties": {"items": [1], "activities": [copy_activity]}}
    flat = {"type": "Copy", "source": {"type": "BinarySource"}, "sink": {}}
    assert hoist_type_properties({"activities": [loop]}) == {
        "activities": [{"type": "ForEach", "name": "all", "items": [1], "activities": [flat]}]
    }


def test_hoist_keeps_the_columns_of_a_dataset() -> None:
    dataset = {"type": "AzurePostgreSqlTable", "schema": [{"name": "id"}], "typeProperties": {"tableName": "public.t"}}
    assert hoist_type_properties(dataset) == {
        "type": "AzurePostgreSqlTable",
        "schema": [{"name": "id"}],
        "tableName": "public.t",
    }


@pytest.mark.parametrize(
    ("node", "message"),
    [
        ({"type": "Copy", "typeProperties": {"type": "x", "sink": {}}}, "Copy cannot be flattened: type"),
        ({"type": "T", "a": 1, "b": 2, "typeProperties": {"b": 2, "a": 1}}, "T cannot be flattened: a, b"),
        ({"type": "AzurePostgreSqlTable", "typeProperties": {"schema": "public"}}, "cannot be flattened: schema"),
        ([{"deep": {"type": "D", "typeProperties": {"schema": []}}}], "D cannot be flattened: schema"),
        ({"type": "Copy", "typeProperties": ["sink"]}, "Copy is not an object"),
    ],
)
def test_hoist_refuses_what_would_be_lost(node: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        hoist_type_properties(node)


def test_bind_and_hoist_do_not_change_their_document() -> None:
    document = {"type": "Copy", "typeProperties": {"source": {"query": "${query}"}}}
    before = copy.deepcopy(document)
    bind(document, {"query": "SELECT 1"}, FILE)
    hoist_type_properties(document)
    assert document == before


def test_references_are_replaced_by_the_resources_names() -> None:
    document = {"inputs": [{"referenceName": "A", "type": "DatasetReference"}], "name": "A"}
    expected = {"inputs": [{"referenceName": 7, "type": "DatasetReference"}], "name": "A"}
    assert resolve_references(document, {"A": 7}) == expected


def test_a_reference_to_a_resource_is_kept() -> None:
    runtime = object.__new__(pulumi.Output)
    assert resolve_references({"connectVia": {"referenceName": runtime}}, {})["connectVia"]["referenceName"] is runtime


def test_references_are_found_in_any_letter_case() -> None:
    assert resolve_references({"referenceName": "ds_x"}, {"DS_X": 7}) == {"referenceName": 7}


def test_the_name_of_a_runtime_is_kept() -> None:
    reference = {"referenceName": "AutoResolveIntegrationRuntime", "type": "IntegrationRuntimeReference"}
    assert resolve_references({"connectVia": reference}, {"A": 7}) == {"connectVia": reference}


def test_a_reference_to_a_document_not_created_yet_is_refused() -> None:
    with pytest.raises(ValueError, match="is named B: there are A"):
        resolve_references({"referenceName": "B"}, {"A": 1})
