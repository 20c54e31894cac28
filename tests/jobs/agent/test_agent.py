"""agent create, list, show, chat, delete: here and in Foundry, by the command line."""

import json
from itertools import pairwise
from pathlib import Path

import pytest

from jobs.entry import main
from jobs.target import Target
from tests.azure_fakes.cloud import Cloud
from tests.azure_fakes.foundry_agents import FoundryAgents
from tests.azure_fakes.openai_replies import Say
from tests.jobs.agent.agents import WEATHER, YAML, agent


def test_equal_content_makes_no_version(foundry: FoundryAgents, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    create = ("create", "tutor", "--file", "agent.yaml")
    assert agent(capsys, *create) == {
        "name": "tutor", "version": "1", "tools": ["get_weather", "ask_teacher"], "files": [], "created": True,
    }  # fmt: skip
    assert agent(capsys, *create)["created"] is False
    file.write_text(YAML.replace("patient", "strict"))
    assert agent(capsys, *create)["version"] == "2"
    assert agent(capsys, "list") == {"agents": [{"name": "tutor", "version": "2"}]}
    definition = agent(capsys, "show", "tutor")["definition"]
    assert (definition["kind"], definition["model"], definition["temperature"]) == ("prompt", "chat", 0.2)
    assert [tool["strict"] for tool in definition["tools"]] == [True, False]
    assert agent(capsys, "delete", "tutor") == {"deleted": "tutor"}
    assert agent(capsys, "show", "tutor", status=1)["kind"] == "not_found"


def test_the_function_runs_here_and_only_the_reference_is_sent(
    foundry: FoundryAgents, cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    agent(capsys, "create", "tutor", "--file", "agent.yaml")
    foundry.replies += [Say(calls=(WEATHER,)), Say("It is 15 degrees.")]
    result = agent(capsys, "chat", "tutor", "Weather in Quito?")
    assert (result["answer"], result["stopped"], result["version"]) == ("It is 15 degrees.", False, "1")
    (call,) = result["calls"]
    assert call["executed"] and json.loads(call["output"])["temperature"] == 15
    bodies = cloud.bodies("POST", "/responses")
    assert [set(body) for body in bodies] == [{"conversation", "input", "agent_reference"}] * 2
    assert bodies[0]["agent_reference"] == {"name": "tutor", "type": "agent_reference"}


def test_agents_with_the_same_file_have_one_each(
    foundry: FoundryAgents, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (file.parent / "a.md").write_text("The exam is on Friday.")
    file.write_text(YAML + "files: [a.md]\n")
    for name in ("one", "two"):
        agent(capsys, "create", name, "--file", "agent.yaml")
    agent(capsys, "delete", "one")
    (store,) = foundry.stores.values()
    assert set(store["ids"]) == set(foundry.files) and len(foundry.files) == 1


def test_without_execution_it_stops_explains_and_goes_on(
    foundry: FoundryAgents, cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    agent(capsys, "create", "tutor", "--file", "agent.yaml")
    foundry.replies += [Say(calls=(WEATHER,)), Say(calls=(("ask_teacher", '{"text": "x"}'),)), Say("Never mind.")]
    stopped = agent(capsys, "chat", "tutor", "Weather?", "--no-exec")
    assert stopped["stopped"] and not stopped["calls"][0]["executed"] and stopped["answer"] == ""
    again = ["chat", "tutor", "And now?", "--conversation", stopped["conversation"]]
    assert main(["agent", *again, "--outputs", "outputs.json"]) == 0
    shown = capsys.readouterr().out
    assert 'ask_teacher({"text": "x"})' in shown and "3. somebody runs the function" in shown
    closed = cloud.bodies("POST", "/responses")[1]["input"][0]
    assert (closed["type"], closed["output"]) == ("function_call_output", "This call was not run: nobody executed it.")
    assert agent(capsys, *again)["answer"] == "Never mind."
    assert agent(capsys, "chat", "tutor", "x", "--conversation", "conv_99", status=1)["kind"] == "not_found"


def test_a_broken_upload_is_continued_without_a_second_store_file_or_version(
    foundry: FoundryAgents, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = file.parent / "notes"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.md").write_text(f"Note {number}.")
    file.write_text(YAML + "files: [notes]\ncode_interpreter: true\n")
    for stop in range(0, 16, 2):
        foundry.fail_after = stop
        main(["agent", "create", "tutor", "--file", "agent.yaml", "--outputs", "outputs.json"])
    foundry.fail_after = 10**9
    capsys.readouterr()
    result = agent(capsys, "create", "tutor", "--file", "agent.yaml")
    assert result["tools"] == ["get_weather", "ask_teacher", "file_search", "code_interpreter"]
    (store,) = foundry.stores.values()
    assert len(foundry.files) == len(store["ids"]) == 3 and len(foundry.agents["tutor"]) == 1
    (folder / "0.md").unlink()
    assert agent(capsys, "create", "tutor", "--file", "agent.yaml")["created"] is False
    assert len(foundry.files) == len(store["ids"]) == 2
    del foundry.agents["tutor"]  # as after a delete that broke off
    agent(capsys, "delete", "tutor")
    assert not (foundry.files or foundry.stores or foundry.agents)
    assert agent(capsys, "delete", "tutor", status=1)["kind"] == "not_found"


def test_files_that_the_yaml_names_no_more_are_deleted(
    foundry: FoundryAgents, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (file.parent / "a.md").write_text("The exam is on Friday.")
    file.write_text(YAML + "files: [a.md]\n")
    agent(capsys, "create", "tutor", "--file", "agent.yaml")
    file.write_text(YAML)
    assert agent(capsys, "create", "tutor", "--file", "agent.yaml")["version"] == "2"
    assert not (foundry.files or foundry.stores)


def test_a_file_that_foundry_cannot_search_is_refused_each_time(
    foundry: FoundryAgents, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (file.parent / "a.csv").write_text("a,b")
    file.write_text("instructions: x\nfiles: [a.csv]\n")
    foundry.unsearchable = ".csv"
    for _ in range(2):
        error = agent(capsys, "create", "tutor", "--file", "agent.yaml", status=1)["error"]
        assert "The file type is not supported." in error and "take it out of `files`" in error
    assert not foundry.agents


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[]", "no `instructions:`"),
        ("description: x", "instructions are needed"),
        ("instructions: x\ntool: y", "it has tool"),
        ("instructions: x\ntemperature: hot", "temperature is a number from 0 to 2"),
        ("instructions: x\nfiles: [none.md]", "no file or folder none.md"),
        ("instructions: x\nfunctions: [get_lunch]", "get_lunch is not one of get_weather, get_stock_price"),
        ("instructions: x\nfunctions: [{name: 'a b'}]", "a function has a name"),
        ("instructions: x\nfunctions: [{name: a, parameters: []}]", "JSON schema"),
        ("a: [", "not valid YAML"),
        ("instructions: x\nmodel: ' '", "alias of a deployment"),
        ("instructions: x\nfiles: [null]", "no file or folder"),
        ("instructions: x\nfunctions: [get_weather, get_weather]", "there twice"),
        ("instructions: x\nfunctions: [{name: file_search}]", "a tool of the service"),
        ("instructions: x\nfunctions: [{name: f, parametros: {}}]", "f has parametros"),
        ("instructions: x\nfunctions: [{name: f, description: 5}]", "description of f"),
        ("instructions: x\nfunctions: [{name: get_weather, parameters: {type: object, properties: {a: {}}}}]", "write"),
        ("instructions: x\nfunctions: [{name: f, parameters: {type: object, properties: {}, required: 5}}]", "names"),
        ("instructions: x\nfunctions: [{name: f, parameters: {type: object, properties: {a: 2026-01-01}}}]", "quote"),
        ("instructions: x\nfunctions: [{name: f, parameters: {type: object, properties: {a: .nan}}}]", "quote"),
        (
            "a: &a [x,x,x,x,x,x,x,x]\n"
            + "".join(f"{n}: &{n} [*{p},*{p},*{p},*{p},*{p},*{p},*{p},*{p}]\n" for p, n in pairwise("abcdefgh")),
            "values",
        ),
    ],
)
def test_a_wrong_definition_is_one_sentence(
    file: Path, laptop: Target, text: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(text)
    error = agent(capsys, "create", "tutor", "--file", "agent.yaml", status=1, stack=False)
    assert reason in error["error"] and error["kind"] == "invalid"
    assert agent(capsys, "create", "Tutor!", "--file", "agent.yaml", status=1, stack=False)["kind"] == "invalid"
