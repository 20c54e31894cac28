from typing import Any

import pytest

from jobs.errors import JobError
from jobs.pipeline.documents import Document
from jobs.pipeline.parameters import Parameters, parse_parameters
from jobs.pipeline.schema import UNRESOLVED


def parameters(**declarations: Any) -> Parameters:
    return parse_parameters(Document("PL", "adf/pipeline/PL.json", {"parameters": declarations}))


def of_type(kind: str, **default: Any) -> dict[str, Any]:
    return {"type": kind, **default}


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("String", "5", "5"),
        ("string", "", ""),
        ("Int", "-5", -5),
        ("Float", "5", 5.0),
        ("Float", "2.5", 2.5),
        ("Bool", "True", True),
        ("Bool", "false", False),
        ("Array", '[1, "a"]', [1, "a"]),
        ("object", '{"a": 1}', {"a": 1}),
    ],
)
def test_texts_are_converted_to_the_declared_type(kind: str, text: str, value: Any) -> None:
    parsed = parameters(x=of_type(kind)).parse_values({"x": text})["x"]
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("Int", "5.5"),
        ("Int", "five"),
        ("Int", "true"),
        ("Float", "x"),
        ("Float", "true"),
        ("Bool", "1"),
        ("Bool", "yes"),
        ("Array", "{}"),
        ("Array", "1,2"),
        ("Object", "[]"),
    ],
)
def test_a_text_of_another_type_is_refused(kind: str, text: str) -> None:
    with pytest.raises(JobError, match=f"`x` of PL has to be of type {kind.lower()}, and '"):
        parameters(x=of_type(kind)).parse_values({"x": text})


def test_defaults_are_used() -> None:
    values = parameters(a=of_type("Int", defaultValue=1), b=of_type("Int", defaultValue=2)).parse_values({"b": "3"})
    assert values == {"a": 1, "b": 3}


def test_an_undeclared_parameter_is_refused() -> None:
    with pytest.raises(JobError, match=r"PL declares no parameter `c`: use one that it declares \(a, b\)"):
        parameters(a=of_type("Int", defaultValue=1), b=of_type("Int", defaultValue=2)).parse_values({"c": "1"})


def test_all_parameters_without_a_value_are_reported_at_once() -> None:
    with pytest.raises(JobError, match="PL has no value for `a`, `c`: give one with `-p NAME=VALUE`"):
        parameters(a=of_type("Int"), b=of_type("Int"), c=of_type("String")).parse_values({"b": "1"})


@pytest.mark.parametrize(
    ("declarations", "message"),
    [
        ({"x": {"type": "strng"}}, "parameters.x.type is 'strng'"),
        ({"x": {}}, "parameters.x.type is missing"),
        ({"x": {"type": "Int", "default": 1}}, "parameters.x.default is not implemented"),
        ({"x": {"type": "Int", "defaultValue": "1"}}, "parameters.x.defaultValue is not of type int"),
        ({"x": {"type": "String", "defaultValue": None}}, "parameters.x.defaultValue is not of type string"),
    ],
)
def test_wrong_declarations(declarations: dict[str, Any], message: str) -> None:
    with pytest.raises(JobError, match=f"adf/pipeline/PL.json: {message}"):
        parameters(**declarations)


def test_values_of_a_reference() -> None:
    folder = parameters(folder=of_type("String"), size=of_type("Int", defaultValue=1))
    assert folder.bind_reference({"folder": "a"}, "activity A") == {"folder": "a", "size": 1}
    assert folder.bind_reference({"folder": UNRESOLVED}, "activity A") == {"folder": UNRESOLVED, "size": 1}
    with pytest.raises(JobError, match="activity A: its value for `size` of PL is not of type int"):
        folder.bind_reference({"folder": "a", "size": "1"}, "activity A")
    with pytest.raises(JobError, match="activity A: PL declares no parameter `file`"):
        folder.bind_reference({"folder": "a", "file": "b"}, "activity A")
    with pytest.raises(JobError, match="activity A: PL has no value for `folder`"):
        folder.bind_reference({}, "activity A")


def test_parameters_are_found_in_any_letter_case() -> None:
    declared = parameters(Folder=of_type("String"), size=of_type("Int", defaultValue=1))
    assert declared.parse_values({"FOLDER": "a", "Size": "2"}) == {"Folder": "a", "size": 2}
    assert declared.bind_reference({"folder": "a"}, "activity A") == {"Folder": "a", "size": 1}
    with pytest.raises(JobError, match="activity A: it gives `folder` and `Folder`: give one of them"):
        declared.bind_reference({"folder": "a", "Folder": "b"}, "activity A")
    with pytest.raises(JobError, match="parameters a and A have the same name for Data Factory"):
        parameters(a=of_type("String"), A=of_type("String"))
