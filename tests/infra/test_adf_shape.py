"""The two pure steps between adf/ and azure-native."""

import copy

import pulumi
import pytest

from infra.adf_shape import bind, hoist_type_properties, refer


def test_bind_replaces_whole_leaves_by_values_of_any_type() -> None:
    host = object.__new__(pulumi.Output)
    document = {"server": "${postgres_host}", "port": "${postgres_port}", "more": [{"url": "${lake_url}"}], "ssl": 3}
    bound = bind(document, {"postgres_host": host, "postgres_port": 5432, "lake_url": ""})
    assert bound["server"] is host
    assert {key: bound[key] for key in ("port", "more", "ssl")} == {"port": 5432, "more": [{"url": ""}], "ssl": 3}


@pytest.mark.parametrize("leaf", ["@{pipeline().RunId}", "x${host}", "${host}/x", "$host", "{host}", None, True, 7])
def test_bind_leaves_every_other_leaf_alone(leaf: object) -> None:
    assert bind({"leaf": leaf}, {"host": "h"}) == {"leaf": leaf}


@pytest.mark.parametrize("leaf", ["${hots}", "${}", "${ host }"])
def test_bind_refuses_an_unknown_name_and_tells_the_known_ones(leaf: str) -> None:
    with pytest.raises(ValueError, match="names no output: there are host, port") as told:
        bind([{"deep": leaf}], {"port": 1, "host": "h"})
    assert leaf in str(told.value)


def test_bind_does_not_bind_what_it_put_in() -> None:
    assert bind("${one}", {"one": "${two}", "two": 2}) == "${two}"


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
    ("node", "told"),
    [
        ({"type": "Copy", "typeProperties": {"type": "x", "sink": {}}}, "Copy cannot be flattened: type"),
        ({"type": "T", "a": 1, "b": 2, "typeProperties": {"b": 2, "a": 1}}, "T cannot be flattened: a, b"),
        ({"type": "AzurePostgreSqlTable", "typeProperties": {"schema": "public"}}, "cannot be flattened: schema"),
        ([{"deep": {"type": "D", "typeProperties": {"schema": []}}}], "D cannot be flattened: schema"),
        ({"type": "Copy", "typeProperties": ["sink"]}, "Copy is no object"),
    ],
)
def test_hoist_refuses_what_would_be_lost(node: object, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        hoist_type_properties(node)


def test_both_leave_their_document_as_it_was() -> None:
    document = {"type": "Copy", "typeProperties": {"source": {"query": "${query}"}}}
    before = copy.deepcopy(document)
    bind(document, {"query": "SELECT 1"})
    hoist_type_properties(document)
    assert document == before


def test_refer_replaces_names_by_what_was_made_of_them() -> None:
    document = {"inputs": [{"referenceName": "A", "type": "DatasetReference"}], "name": "A"}
    assert refer(document, {"A": 7}) == {"inputs": [{"referenceName": 7, "type": "DatasetReference"}], "name": "A"}


def test_refer_leaves_a_reference_to_a_resource_alone() -> None:
    runtime = object.__new__(pulumi.Output)
    assert refer({"connectVia": {"referenceName": runtime}}, {})["connectVia"]["referenceName"] is runtime


def test_refer_refuses_what_is_not_made_yet() -> None:
    with pytest.raises(ValueError, match="has the name B: there are A"):
        refer({"referenceName": "B"}, {"A": 1})
