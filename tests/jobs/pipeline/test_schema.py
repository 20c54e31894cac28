from typing import Any

import pytest

from jobs.pipeline.local_runner.expressions import UNRESOLVED
from jobs.pipeline.schema import Rule, anything, by_name, count, fields, flag, items, one_of, positive, tagged, text
from jobs.pipeline.schema import timespan as span

RULE = fields({"name": text}, {"list": items(flag, 1, 2), "more": by_name(count)})


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        (text, "a"),
        (flag, False),
        (count, 0),
        (positive, 1),
        (anything, None),
        (span, "00:30:00"),
        (span, "0.12:00:00"),
        (one_of("a", False), False),
        (RULE, {"name": "a"}),
        (RULE, {"name": "a", "list": [True], "more": {"x": 1}}),
        (RULE, {"name": UNRESOLVED, "list": [UNRESOLVED]}),
        (tagged({"A": RULE}), {"type": "A", "name": "x"}),
    ],
)
def test_right(rule: Rule, value: Any) -> None:
    assert list(rule(value)) == []


@pytest.mark.parametrize(
    ("rule", "value", "path", "what"),
    [
        (text, "", "", "text"),
        (text, 1, "", "has to be text, and is 1"),
        (flag, 1, "", "true or false"),
        (count, -1, "", "0 or more"),
        (count, True, "", "whole number"),
        (count, 1.0, "", "whole number"),
        (positive, 0, "", "above 0"),
        (span, "1 hour", "", "d.hh:mm:ss"),
        (span, "0.24:00:00", "", "d.hh:mm:ss"),
        (span, "00:60:00", "", "d.hh:mm:ss"),
        (one_of("A"), "a", "", "implements 'A'"),
        (one_of(False), 0, "", "implements False"),
        (RULE, [], "", "an object, and is a list"),
        (RULE, UNRESOLVED, "", "a value that only a run can tell"),
        (RULE, {}, "name", "is missing"),
        (RULE, {"name": "a", "nmae": 1}, "nmae", "is not implemented"),
        (RULE, {"name": "a", "list": []}, "list", "list of 1 or more"),
        (RULE, {"name": "a", "list": [True] * 3}, "list", "a list"),
        (RULE, {"name": "a", "list": {}}, "list", "a list"),
        (RULE, {"name": "a", "list": [True, 2]}, "list.1", "true or false"),
        (RULE, {"name": "a", "more": {"x": "y"}}, "more.x", "whole number"),
        (RULE, {"name": "a", "more": []}, "more", "an object"),
        (
            tagged({"A": RULE, "B": RULE}),
            {"type": "C"},
            "type",
            "'C' is not implemented by the local runner (it has A, B)",
        ),
        (tagged({"A": RULE}), {"name": "x"}, "", 'with a "type"'),
        (tagged({"A": RULE}), {"type": "A"}, "name", "is missing"),
    ],
)
def test_wrong(rule: Rule, value: Any, path: str, what: str) -> None:
    found = list(rule(value))
    assert [where for where, _ in found] == [path]
    assert what in found[0][1]
