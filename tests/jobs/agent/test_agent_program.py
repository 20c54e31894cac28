"""agent chat --show-code: the printed program runs, and sends the same requests; what an answer lacks is said."""

import json
from pathlib import Path
from typing import Any

import pytest

from jobs.entry import main
from tests.azure_fakes.cloud import Cloud
from tests.azure_fakes.foundry_agents import FoundryAgents
from tests.azure_fakes.openai_models import Models
from tests.azure_fakes.openai_replies import Say
from tests.jobs.agent.agents import WEATHER, agent
from tests.jobs.assistant.test_program import run_program

SERVER = ["--base-url", "https://models.example/v1", "--model", "m"]


def sent(cloud: Cloud) -> list[dict[str, Any]]:
    """The requests so far without their conversation, which is a new one each time."""
    return [{key: body[key] for key in body if key != "conversation"} for body in cloud.bodies("POST", "/responses")]


@pytest.mark.parametrize("as_json", [True, False])
@pytest.mark.parametrize("run", [[], ["--no-exec"]])
def test_in_foundry_it_sends_the_same_requests(
    foundry: FoundryAgents, cloud: Cloud, run: list[str], as_json: bool, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    agent(capsys, "create", "tutor", "--file", "agent.yaml")
    replies = [Say(calls=(WEATHER,)), Say("It is {15} degrees.")]
    foundry.replies += replies
    words = ["agent", "chat", "tutor", "Weather?", *run, "--show-code", "--outputs", "outputs.json"]
    assert main([*words, *(["--json"] if as_json else [])]) == 0
    shown = capsys.readouterr().out
    code = json.loads(shown)["code"] if as_json else f"from azure{shown.partition('from azure')[2]}"
    before = sent(cloud)
    assert len(before) == (1 if run else 2) and "marker" not in code
    foundry.replies.clear()
    foundry.replies += replies
    assert bool(run) != ("It is {15} degrees." in run_program(code, file.parent))
    assert sent(cloud)[len(before) :] == before


@pytest.mark.parametrize("run", [[], ["--no-exec"]])
def test_on_a_laptop_it_sends_the_same_requests(
    server: Models, run: list[str], file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    agent(capsys, "create", "tutor", "--file", "agent.yaml", stack=False)
    replies = [Say(calls=(WEATHER,)), Say("ok")]
    server.replies += replies
    code = agent(capsys, "chat", "tutor", "Weather?", *run, "--show-code", *SERVER, stack=False)["code"]
    before, server.bodies = server.bodies, []
    server.replies.clear()
    server.replies += replies
    run_program(code, file.parent)
    assert server.bodies == before and len(before) == (1 if run else 2)


def test_a_filter_and_a_refused_parameter_are_said(server: Models, capsys: pytest.CaptureFixture[str]) -> None:
    agent(capsys, "create", "tutor", "--file", "agent.yaml", stack=False)
    server.refuses = ("temperature",)
    server.replies.append(Say("Half", incomplete="content_filter"))
    result = agent(capsys, "chat", "tutor", "x", *SERVER, stack=False, status=1)
    assert result["answer"] == "Half" and "content filter ended" in result["note"]
    assert [each["parameter"] for each in result["dropped"]] == ["temperature"]


def test_a_citation_that_no_passage_has_is_struck_out(
    server: Models, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (file.parent / "a.md").write_text("The exam is on Friday.")
    file.write_text("instructions: x\nfiles: [a.md]\n")
    agent(capsys, "create", "tutor", "--file", "agent.yaml", stack=False)
    server.replies += [Say(calls=(("search_documents", '{"query": "exam", "k": 1}'),)), Say("Friday [1] [7].")]
    assert agent(capsys, "chat", "tutor", "x", *SERVER, stack=False)["answer"] == "Friday [1] ~~[7]~~."


def test_an_agent_that_was_deleted_elsewhere_is_one_sentence(
    foundry: FoundryAgents, capsys: pytest.CaptureFixture[str]
) -> None:
    agent(capsys, "create", "tutor", "--file", "agent.yaml")
    foundry.replies.append(Say(calls=(WEATHER,)))
    foundry.deletes_after_reply = True
    error = agent(capsys, "chat", "tutor", "x", status=1)
    assert error["kind"] == "not_found" and "`python -m jobs agent list`" in error["error"]
