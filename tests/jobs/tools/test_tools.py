"""The tools over a real table, and what each says where there is nothing."""

import json
from typing import Any

import pytest

from jobs.documents.search import Search
from jobs.target import Target
from jobs.tools.all_tools import TOOLS
from jobs.tools.call import call_tool
from jobs.tools.tool import Context
from tests.databases import execute
from tests.jobs.lake_rows import fill_lake

COUNTS = {"sad": 3, "happy": 5, "contempt": 1}


@pytest.fixture
def context(target: Target) -> Context:
    return Context(target, "local", Search(query=""))


def use(context: Context, tool: str, **arguments: Any) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(call_tool(TOOLS, context, tool, json.dumps(arguments)).output)
    return result


def test_counts_are_those_of_the_table(context: Context) -> None:
    assert "There are no pictures yet" in use(context, "count_by_emotion")["error"]
    fill_lake(context.target, COUNTS)
    assert use(context, "count_by_emotion")["by_emotion"] == COUNTS
    chosen = use(context, "count_by_emotion", emotions=["contempt", "sad"])
    assert (chosen["sum"], chosen["total"], chosen["by_emotion"]) == (4, 9, {"sad": 3, "contempt": 1})
    assert "The emotions are: contempt, happy, sad" in use(context, "count_by_emotion", emotions=["bored"])["error"]


def test_pictures_like_one_of_the_table_are_others(context: Context) -> None:
    fill_lake(context.target, COUNTS)
    found = use(context, "search_pictures", picture="1", k=4)["pictures"]
    assert len(found) == 4 and 1 not in [each["id"] for each in found]
    assert [each["distance"] for each in found] == sorted(each["distance"] for each in found)
    assert {each["emotion"] for each in use(context, "search_pictures", picture="1", emotion="happy")["pictures"]} == {
        "happy"
    }
    for picture in ("99", "9" * 30, "../../etc/passwd", "picture-1"):
        assert "There is no picture" in use(context, "search_pictures", picture=picture)["error"]
    assert "from 1 to 20" in use(context, "search_pictures", picture="1", k=21)["error"]


def test_pictures_are_read_by_the_login_that_only_reads(context: Context) -> None:
    fill_lake(context.target, COUNTS)
    execute(context.target, "REVOKE SELECT ON imagenes_fer FROM lake_reader")
    for tool, arguments in {"count_by_emotion": {}, "search_pictures": {"picture": "1"}}.items():
        refused = use(context, tool, **arguments)["error"]
        assert "does not let lake_reader read the table imagenes_fer: run `GRANT SELECT" in refused


def test_without_documents_or_runs_the_output_says_what_to_do(context: Context) -> None:
    assert "documents add PATH" in use(context, "search_documents", query="x")["error"]
    assert "There is no run r9" in use(context, "describe_pipeline_run", run="r9")["error"]
    assert use(context, "cost_so_far")["amount"] == 0
