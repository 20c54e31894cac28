"""chat follows the weights of a migration: who asks `chat` is answered by the deployment that has the weight."""

import json
from typing import Any

import pytest

from jobs.assistant import routed
from jobs.entry import main
from jobs.models.routing import Routing, write_weights
from jobs.target import Target
from tests.azure_fakes.openai_models import Models
from tests.azure_fakes.openai_replies import Say


def ask(capsys: pytest.CaptureFixture[str], options: list[str]) -> dict[str, Any]:
    assert main(["chat", "ask", "x", *options, "--json"]) == 0
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    return result


def test_the_deployment_is_that_of_the_weights_in_the_lake(
    target: Target,
    models: Models,
    model_options: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("jobs.assistant.routed.WAIT_SECONDS", 60)
    models.deployments["chat-2"] = "gpt-5.6-luna"
    models.replies += [Say("a")] * 3
    assert ask(capsys, model_options)["deployment"] == "chat", "without weights it is the alias"
    store = routed.find_store(target, "chat")
    weights = write_weights(store, Routing("chat"), {"chat": 0, "chat-2": 100})
    assert ask(capsys, model_options)["deployment"] == "chat-2"
    store.save(b"{", weights.tag)
    assert ask(capsys, model_options)["deployment"] == "chat"


def test_a_person_stays_with_one_deployment(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.assistant.routed.WAIT_SECONDS", 60)
    write_weights(routed.find_store(target, "chat"), Routing("chat"), {"chat": 50, "chat-2": 50})
    picked = set()
    for person in map(str, range(30)):
        monkeypatch.setattr("getpass.getuser", lambda person=person: person)
        first, again = (routed.routed_deployment(target, "chat") for _ in range(2))
        assert first == again
        picked.add(first)
    assert picked == {"chat", "chat-2"}
