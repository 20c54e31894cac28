"""Agents of a laptop: the same loop with a server of the user's, and the files that the yaml names."""

import json
from pathlib import Path

import pytest

from jobs.entry import main
from tests.azure_fakes.openai_models import Models
from tests.azure_fakes.openai_replies import Say
from tests.jobs.agent.agents import WEATHER, YAML, agent


def test_on_a_laptop_the_same_loop_runs(server: Models, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (file.parent / "a.md").write_text("The exam is on Friday.")
    file.write_text(YAML + "files: [a.md]\n")
    assert agent(capsys, "create", "tutor", "--file", "agent.yaml", stack=False)["version"] == "1"
    assert agent(capsys, "create", "tutor", "--file", "agent.yaml", stack=False)["created"] is False
    model = ["--base-url", "https://models.example/v1", "--model", "m"]
    server.replies += [
        Say(calls=(WEATHER,)),
        Say("ok"),
        Say(calls=(("search_documents", '{"query": "exam", "k": 1}'),)),
        Say("Friday."),
    ]
    stopped = agent(capsys, "chat", "tutor", "Weather?", "--no-exec", *model, stack=False)
    assert stopped["stopped"]
    again = ["--conversation", stopped["conversation"], *model]
    assert agent(capsys, "chat", "tutor", "Go on", *again, stack=False)["answer"] == "ok"
    result = agent(capsys, "chat", "tutor", "When is the exam?", *model, stack=False)
    assert result["answer"] == "Friday." and "The exam is on Friday." in result["calls"][0]["output"]
    assert server.bodies[0]["instructions"] == "You are a patient tutor." and server.bodies[0]["temperature"] == 0.2
    assert "--base-url" in agent(capsys, "chat", "tutor", "x", status=1, stack=False)["error"]
    assert agent(capsys, "delete", "tutor", stack=False) == {"deleted": "tutor"}
    assert agent(capsys, "list", stack=False) == {"agents": []}


def test_on_a_laptop_the_files_are_those_that_the_yaml_names(
    server: Models, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def documents() -> list[str]:
        assert main(["documents", "list", "--collection", "agent-tutor", "--json"]) == 0
        return [each["name"] for each in json.loads(capsys.readouterr().out)["documents"]]

    create = ["create", "tutor", "--file", "agent.yaml"]
    for name in ("a.md", "b.md", "empty.md"):
        (file.parent / name).write_text("" if name == "empty.md" else "Text.")
    file.write_text("instructions: x\nfiles: [a.md, b.md, empty.md]\n")
    assert main(["agent", *create]) == 0
    assert "empty.md: there is no text in it" in capsys.readouterr().err
    assert documents() == ["a.md", "b.md"]
    file.write_text("instructions: x\nfiles: [a.md]\n")
    agent(capsys, *create, stack=False)
    assert documents() == ["a.md"]
    (file.parent / "a.md").unlink()
    assert "no file or folder" in agent(capsys, "chat", "tutor", "x", status=1, stack=False)["error"]
    assert agent(capsys, "list", stack=False)["agents"][0]["version"] == "2"
    agent(capsys, "delete", "tutor", stack=False)
    assert documents() == []
