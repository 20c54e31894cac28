from typing import Any

import pytest

from jobs.pipeline.schema import (
    UNRESOLVED,
    Validator,
    anything,
    boolean,
    list_of,
    map_of,
    non_negative,
    object_of,
    one_of,
    positive,
    tagged,
    text,
)
from jobs.pipeline.schema import timespan as span

SCHEMA = object_of({"name": text}, {"list": list_of(boolean, 1, 2), "more": map_of(non_negative)})


@pytest.mark.parametrize(
    ("validator", "value"),
    [
        (text, "a"),
        (boolean, False),
        (non_negative, 0),
        (positive, 1),
        (anything, None),
        (span, "00:30:00"),
        (span, "0.12:00:00"),
        (one_of("a", False), False),
        (SCHEMA, {"name": "a"}),
        (SCHEMA, {"name": "a", "list": [True], "more": {"x": 1}}),
        (SCHEMA, {"name": UNRESOLVED, "list": [UNRESOLVED]}),
        (tagged({"A": SCHEMA}), {"type": "A", "name": "x"}),
    ],
)
def test_right(validator: Validator, value: Any) -> None:
    assert list(validator(value)) == []


@pytest.mark.parametrize(
    ("validator", "value", "path", "message"),
    [
        (text, "", "", "text"),
        (text, 1, "", "has to be text, and is 1"),
        (boolean, 1, "", "true or false"),
        (non_negative, -1, "", "0 or more"),
        (non_negative, True, "", "whole number"),
        (non_negative, 1.0, "", "whole number"),
        (positive, 0, "", "above 0"),
        (span, "1 hour", "", "d.hh:mm:ss"),
        (span, "0.24:00:00", "", "d.hh:mm:ss"),
        (span, "00:60:00", "", "d.hh:mm:ss"),
        (one_of("A"), "a", "", "implements 'A'"),
        (one_of(False), 0, "", "implements False"),
        (SCHEMA, [], "", "an object, and is a list"),
        (SCHEMA, UNRESOLVED, "", "a value that is known only during the run"),
        (SCHEMA, {}, "name", "is missing"),
        (SCHEMA, {"name": "a", "nmae": 1}, "nmae", "is not implemented"),
        (SCHEMA, {"name": "a", "list": []}, "list", "list of 1 or more"),
        (SCHEMA, {"name": "a", "list": [True] * 3}, "list", "a list"),
        (SCHEMA, {"name": "a", "list": {}}, "list", "a list"),
        (SCHEMA, {"name": "a", "list": [True, 2]}, "list.1", "true or false"),
        (SCHEMA, {"name": "a", "more": {"x": "y"}}, "more.x", "whole number"),
        (SCHEMA, {"name": "a", "more": []}, "more", "an object"),
        (
            tagged({"A": SCHEMA, "B": SCHEMA}),
            {"type": "C"},
            "type",
            "'C' is not implemented by the local runner (it has A, B)",
        ),
        (tagged({"A": SCHEMA}), {"name": "x"}, "", 'with a "type"'),
        (tagged({"A": SCHEMA}), {"type": "A"}, "name", "is missing"),
    ],
)
def test_wrong(validator: Validator, value: Any, path: str, message: str) -> None:
    problems = list(validator(value))
    assert [where for where, _ in problems] == [path]
    assert message in problems[0][1]
