"""chat compare: every way asks the same question, and the figures say what differs."""

import json
from pathlib import Path

import pytest

from jobs.entry import main
from tests.azure_fakes.openai_models import Models
from tests.azure_fakes.openai_replies import Say


def test_with_and_without_the_system_text_and_a_pasted_answer(
    models: Models, model_options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "browser.txt").write_text("A lake is water.", encoding="utf-8-sig")
    models.replies += [Say("Arr, a lake is water."), Say("A lake is wet.")]
    words = ["chat", "compare", "What is a lake?", "--system", "Pirate.", "--paste", "browser.txt", *model_options]
    assert main([*words, "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert [each["name"] for each in result["variants"]] == ["as asked", "without --system", "pasted"]
    assert [body.get("instructions") for body in models.bodies] == ["Pirate.", None]
    assert {name: (each["words"], each["shared"]) for name, each in result["differences"].items()} == {
        "as asked": (5, 0.6),
        "without --system": (4, 0.75),
        "pasted": (4, 0.75),
    }
    models.replies += [Say("Arr."), Say("Wet.")]
    assert main(words) == 0
    assert "== without --system\nWet." in capsys.readouterr().out


def test_several_deployments(models: Models, model_options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    models.deployments["other"] = "model-2"
    models.replies += [Say("One."), Say("Two.")]
    assert main(["chat", "compare", "x", "--with", "chat", "--with", "other", "--json", *model_options]) == 0
    assert [each["deployment"] for each in json.loads(capsys.readouterr().out)["variants"]] == ["chat", "other"]


def test_the_same_cases_with_several_deployments(
    models: Models, model_options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models.deployments["other"] = "model-2"
    (tmp_path / "c.jsonl").write_text('{"id": "a", "question": "Capital of Peru?", "contains": ["Lima"]}')
    models.replies += [Say("Lima."), Say("Quito.")]
    words = ["chat", "evaluate", "c.jsonl", "--with", "chat", "--with", "other", "--fail-below", "0.5", "--json"]
    assert main([*words, *model_options]) == 1
    result = json.loads(capsys.readouterr().out)
    assert [(each["name"], each["passed"]) for each in result["variants"]] == [("chat", 1), ("other", 0)]
    assert [body["model"] for body in models.bodies] == ["chat", "other"]


def test_the_model_writes_a_system_text(
    models: Models, model_options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models.replies += [Say("You teach AI."), Say("ok")]
    words = ["chat", "ask", "x", "--write-system", "a teacher", "--save", "s.txt", *model_options]
    assert main(words) == 0
    assert models.bodies[0]["input"][0]["content"].endswith("a teacher")
    assert models.bodies[1]["instructions"] == "You teach AI." and (tmp_path / "s.txt").read_text() == "You teach AI.\n"
    assert "The system text:\nYou teach AI." in capsys.readouterr().err
