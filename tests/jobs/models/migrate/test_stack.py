"""A migration in a stack: Pulumi creates the new deployment from its entry, and the weights are in the lake."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import yaml

from jobs import configuration
from jobs.target import Target
from tests.azure_fakes.cognitive_services import model, usage
from tests.azure_fakes.model_account import ModelAccount
from tests.jobs.models.migrate.side_by_side import TARGET, SideBySide
from tests.jobs.models.shop import LUNA, moment, only_long_waits
from tests.jobs.student import DoctorCli

STACK = ("--target", "ana")


@pytest.fixture
def stack(target: Target, student: DoctorCli, played: ModelAccount, monkeypatch: pytest.MonkeyPatch) -> SideBySide:
    """The stack `ana` with a deployment `chat`; its lake is Azurite's."""
    student.pulumi.set_output("stack output", {key: str(value) for key, value in asdict(target).items()})
    student.ai.models.append(model(*LUNA, skus=[("GlobalStandard", moment(412))]))
    student.ai.usages.append(usage("OpenAI.GlobalStandard.gpt5.6-luna", 0, 1000))
    played.add("chat", "gpt-5.4-mini", "2026-03-17", capacity=1)
    side = SideBySide(student, played, STACK)
    monkeypatch.setattr("jobs.wait.time.sleep", only_long_waits(side.sleep))
    monkeypatch.setattr("jobs.models.clock.now", lambda: side.time)
    return side


def entries() -> list[Any]:
    return [each["alias"] for each in configuration.read_configuration("ana").models]


def pulumi_up(side: SideBySide) -> None:
    """What `pulumi up` does with the entries: it creates what is not there, and forgets what has no entry."""
    for each in configuration.read_configuration("ana").models:
        if str(each["alias"]) not in side.account.deployments:
            side.account.add(each["alias"], each["model"], each["version"], capacity=each["capacity"])


def test_pulumi_creates_and_the_command_deletes(stack: SideBySide, student: DoctorCli) -> None:
    status, seen = stack.run("start", "chat", TARGET, "--yes")
    assert (status, entries(), "run `pulumi up --stack ana`" in seen) == (0, ["chat", "chat-2"], True), seen
    assert stack.run("start", "chat", TARGET, "--yes")[0] == 0
    assert entries() == ["chat", "chat-2"]
    assert {each.method for each in student.cloud.requests} == {"GET"}, "Pulumi creates it, not the command"
    pulumi_up(stack)
    assert stack.run("start", "chat", TARGET, "--yes")[0] == 0
    assert stack.run("shift", "chat", "100", "--yes")[0] == 0
    stack.metrics.calls = {"chat": lambda minute: 0.0, "chat-2": lambda minute: 9.0}
    stack.sleep(30 * 60)
    status, seen = stack.finish()
    assert status == 0, seen
    assert "deleted chat; Pulumi.ana.yaml has chat-2 only: run `pulumi up --stack ana`" in seen
    assert "chat: 0 calls from 10:" in seen and "asked twice; weights 0 since 10:" in seen
    assert (entries(), set(stack.account.deployments)) == (["chat-2"], {"chat-2"})
    assert len(stack.deletions()) == 1


def test_back_takes_the_entry_out_again_before_pulumi_made_it(stack: SideBySide) -> None:
    stack.run("start", "chat", TARGET, "--yes")
    assert stack.run("back", "chat", "--yes")[0] == 0
    assert (entries(), stack.deletions()) == (["chat"], [])


def test_weights_in_a_file_of_your_own(stack: SideBySide, tmp_path: Path) -> None:
    file = tmp_path / "weights.json"
    stack.run("start", "chat", TARGET, "--yes", "--routing", str(file))
    pulumi_up(stack)
    assert stack.run("start", "chat", TARGET, "--yes")[0] == 0
    assert stack.run("shift", "chat", "10", "--yes")[0] == 0
    assert json.loads(file.read_text())["weights"] == {"chat": 90, "chat-2": 10}


def test_a_machine_without_pulumi_uses_a_file_of_outputs(stack: SideBySide, target: Target, tmp_path: Path) -> None:
    file = tmp_path / "outputs.json"
    file.write_text(json.dumps(asdict(target)))
    stack.student.pulumi.set_output("stack output", status=1, err="no pulumi here")
    stack.run("start", "chat", TARGET, "--yes", "--outputs", str(file))
    pulumi_up(stack)
    assert stack.run("start", "chat", TARGET, "--yes", "--outputs", str(file))[0] == 0
    status, seen = stack.run("status", "chat", "--outputs", str(file))
    assert (status, "weights chat 100, chat-2 0" in seen) == (0, True)


def test_the_file_keeps_its_comments(stack: SideBySide, student: DoctorCli) -> None:
    file = student.project / "Pulumi.ana.yaml"
    file.write_text("# mine\n" + yaml.safe_dump(yaml.safe_load(file.read_text())))
    stack.run("start", "chat", TARGET, "--yes")
    assert file.read_text().startswith("# mine\n")
