from typing import Any

import pytest

from jobs.errors import JobError
from jobs.pipeline.documents import Document
from jobs.pipeline.local_runner.expressions import UNRESOLVED
from jobs.pipeline.parameters import Parameters, declared


def parameters(**found: Any) -> Parameters:
    return declared(Document("PL", "adf/pipeline/PL.json", {"parameters": found}))


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
def test_texts_become_what_is_declared(kind: str, text: str, value: Any) -> None:
    found = parameters(x=of_type(kind)).run({"x": text})["x"]
    assert found == value
    assert type(found) is type(value)


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
        parameters(x=of_type(kind)).run({"x": text})


def test_defaults_stand_in() -> None:
    found = parameters(a=of_type("Int", defaultValue=1), b=of_type("Int", defaultValue=2)).run({"b": "3"})
    assert found == {"a": 1, "b": 3}


def test_an_undeclared_one_is_refused() -> None:
    with pytest.raises(JobError, match=r"PL declares no parameter `c`: use what it has \(a, b\)"):
        parameters(a=of_type("Int", defaultValue=1), b=of_type("Int", defaultValue=2)).run({"c": "1"})


def test_those_without_a_value_are_told_at_once() -> None:
    with pytest.raises(JobError, match="PL has no value for `a`, `c`: give one with `-p NAME=VALUE`"):
        parameters(a=of_type("Int"), b=of_type("Int"), c=of_type("String")).run({"b": "1"})


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ({"x": {"type": "strng"}}, "parameters.x.type is 'strng'"),
        ({"x": {}}, "parameters.x.type is missing"),
        ({"x": {"type": "Int", "default": 1}}, "parameters.x.default is not implemented"),
        ({"x": {"type": "Int", "defaultValue": "1"}}, "parameters.x.defaultValue is no int"),
        ({"x": {"type": "String", "defaultValue": None}}, "parameters.x.defaultValue is no string"),
    ],
)
def test_wrong_declarations(found: dict[str, Any], told: str) -> None:
    with pytest.raises(JobError, match=f"adf/pipeline/PL.json: {told}"):
        parameters(**found)


def test_what_a_reference_hands_over() -> None:
    folder = parameters(folder=of_type("String"), size=of_type("Int", defaultValue=1))
    assert folder.handed_over({"folder": "a"}, "activity A") == {"folder": "a", "size": 1}
    assert folder.handed_over({"folder": UNRESOLVED}, "activity A") == {"folder": UNRESOLVED, "size": 1}
    with pytest.raises(JobError, match="activity A: it gives PL `size`, and that is no int"):
        folder.handed_over({"folder": "a", "size": "1"}, "activity A")
    with pytest.raises(JobError, match="activity A: PL declares no parameter `file`"):
        folder.handed_over({"folder": "a", "file": "b"}, "activity A")
    with pytest.raises(JobError, match="activity A: PL has no value for `folder`"):
        folder.handed_over({}, "activity A")
