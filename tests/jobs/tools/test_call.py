"""A call of a tool: checked, bounded, and answered whatever happens."""

import json
import time
from collections.abc import Mapping
from typing import Any

import pytest

from jobs.documents.search import Search
from jobs.errors import JobError
from jobs.target import Target
from jobs.tools import call
from jobs.tools.all_tools import TOOLS
from jobs.tools.call import MOST_BYTES, call_tool
from jobs.tools.tool import Context, Tool, strict_schema


@pytest.fixture
def context(services: Target) -> Context:
    return Context(services, "local", Search(query=""))


def a_tool(run: Any) -> Tool:
    number = {"type": ["integer", "null"]}
    return Tool("a", "", strict_schema(text={"type": "string"}, number=number), run)


@pytest.mark.parametrize(
    ("name", "arguments", "error"),
    [
        ("b", "{}", "There is no tool b. The tools are: a."),
        ("a", "{", "not JSON"),
        ("a", "[" * 99_999, "not JSON"),
        ("a", '"x"', "not a JSON object"),
        ("a", '{"text": "x", "path": "/etc"}', "a has no argument path: it has text, number."),
        ("a", "{}", "needs the argument text, of type string"),
        ("a", '{"text": 1}', "needs the argument text, of type string"),
        ("a", '{"text": "x", "number": true}', "of type integer or null"),
    ],
)
def test_a_wrong_call_is_its_output(context: Context, name: str, arguments: str, error: str) -> None:
    called = call_tool([a_tool(lambda context, given: {})], context, name, arguments)
    assert not called.ok and error in json.loads(called.output)["error"]


def test_what_may_be_null_may_be_left_out(context: Context) -> None:
    called = call_tool([a_tool(lambda context, given: {"given": given})], context, "a", '{"text": "x"}')
    assert called.ok and json.loads(called.output) == {"given": {"text": "x", "number": None}}


def test_a_failure_of_the_job_is_its_output(context: Context) -> None:
    def fail(context: Context, given: Mapping[str, Any]) -> Mapping[str, Any]:
        raise JobError("The table is empty.")

    called = call_tool([a_tool(fail)], context, "a", '{"text": "x"}')
    assert (called.ok, json.loads(called.output)) == (False, {"error": "The table is empty."})


def test_a_tool_that_does_not_end_is_left(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call, "SECONDS", 0.05)
    called = call_tool([a_tool(lambda context, given: time.sleep(5))], context, "a", '{"text": "x"}')
    assert "no result after 0.05 s" in called.output


@pytest.mark.parametrize(
    "result",
    [{"list": ["ñ" * 100] * 100, "n": 1}, {"text": "x" * 99_999}, {"map": {str(n): "y" * 99 for n in range(999)}}],
)
def test_an_output_has_at_most_4_kb_and_stays_json(context: Context, result: dict[str, Any]) -> None:
    called = call_tool([a_tool(lambda context, given: result)], context, "a", '{"text": "x"}')
    assert called.ok and len(called.output.encode()) <= MOST_BYTES and json.loads(called.output).keys() >= result.keys()


def test_tools_have_strict_schemas_and_take_no_path_sql_url_or_shell() -> None:
    for tool in TOOLS:
        assert tool.parameters["additionalProperties"] is False
        assert tool.parameters["required"] == list(tool.parameters["properties"])
        assert not {"path", "file", "sql", "url", "command"} & tool.parameters["properties"].keys()


def test_what_is_loaded_before_a_call_does_not_count(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call, "SECONDS", 0.2)
    loaded: list[str] = []

    def load(context: Context) -> None:
        time.sleep(0.3)
        loaded.append("it")

    tool = Tool("a", "", strict_schema(), lambda context, given: {"loaded": list(loaded)}, load)
    assert call_tool([tool], context, "a", "{}").output == '{"loaded": ["it"]}'
