"""The commands on a stack, one after the other, as a person or a script types them."""

import json
from pathlib import Path
from typing import Any

import pytest

from jobs.entry import main
from tests.azure_fakes.online_endpoints import expected
from tests.jobs.finetune.azure.played_learning import ANSWERS, OUTPUTS, PlayedLearning

MARKER = "marker-key"


class Commands:
    """Types commands with a file of outputs. `shown` is all that they printed."""

    def __init__(self, learning: PlayedLearning, capture: pytest.CaptureFixture[str]) -> None:
        self.learning, self.capture, self.shown = learning, capture, ""
        self.outputs = learning.folder / "outputs.json"
        self.outputs.write_text(json.dumps(vars(learning.target) | OUTPUTS), encoding="utf-8")

    def run(self, *words: str) -> tuple[int, str, str]:
        status = main(["finetune", *words, "--outputs", str(self.outputs)])
        output = self.capture.readouterr()
        self.shown += output.out + output.err
        return status, output.out, output.err

    def json(self, *words: str) -> dict[str, Any]:
        """The one object of --json of a command that succeeds."""
        status, out, err = self.run(*words, "--json")
        assert status == 0, err
        found: dict[str, Any] = json.loads(out)
        return found


@pytest.fixture
def commands(learning: PlayedLearning, capsys: pytest.CaptureFixture[str]) -> Commands:
    return Commands(learning, capsys)


def make_base(folder: Path) -> Path:
    """A folder that looks like a model."""
    place = folder / "little"
    place.mkdir()
    (place / "config.json").write_text(json.dumps({"model_type": "phi3"}), encoding="utf-8")
    (place / "model.safetensors").write_bytes(b"weights")
    return place


def test_from_data_to_teardown(commands: Commands, learning: PlayedLearning) -> None:
    data, base = learning.folder / "faces", make_base(learning.folder)
    assert commands.json("data", str(data), "--count", "20")["train"] == 16
    words = ["train", "--data", str(data), "--model", str(base), "--name", "little-1", "--max-steps", "2"]
    status, _, err = commands.run(*words)
    assert status == 2 and "--yes" in err and "0.29 USD at most" in err
    assert not learning.sent("PUT", "")
    learning.played.learning.steps["little-1"] = ["Queued", "Queued", "Running", learning.finish("little-1")]
    trained = commands.json(*words, "--yes")
    assert (trained["run"], trained["state"], trained["exact_after"]) == ("little-1", "done", 0.95)
    assert commands.json(*words)["reused"] is True
    assert commands.json("register", "--run", "little-1")["version"] == 1
    status, _, err = commands.run("deploy")
    assert status == 2 and "It bills 0.15 USD an hour until `finetune teardown`" in err
    learning.played.endpoints.answers["blue"] = expected(ANSWERS)
    deployed = commands.json("deploy", "--yes")
    assert (deployed["deployment"], deployed["traffic"], deployed["checked"]) == ("blue", {"blue": 100}, True)
    assert commands.json("traffic")["traffic"] == {"blue": 100}
    assert commands.json("connect", "phi", "--rotate")["rotated"] is True
    assert commands.json("chat", "question 3", "--temperature", "0")["answer"] == "answer 3"
    assert commands.json("status")["bills_per_hour"] == 0.15
    ended = commands.json("teardown", "--models", "--data", "--yes")
    assert (ended["left"], ended["bills_per_hour"]) == ([], 0)
    assert commands.json("teardown")["deleted"] == []
    check_no_key(commands)


def check_no_key(commands: Commands) -> None:
    """The key of the endpoint is in nothing that was printed or left in a file."""
    assert MARKER not in commands.shown
    files = [each for each in commands.learning.folder.rglob("*") if each.is_file() and "authority" not in each.parts]
    assert not [each for each in files if MARKER.encode() in each.read_bytes()]


def test_a_workflow_of_a_stack_reads_the_connection_by_identity(commands: Commands, learning: PlayedLearning) -> None:
    files = commands.json("flow", str(learning.folder / "flow"))["files"]
    texts = [Path(each).read_text(encoding="utf-8") for each in files]
    assert [text for text in texts if learning.target.project_url in text]
    check_no_key(commands)


def test_a_stack_without_machine_learning_names_the_setting(commands: Commands) -> None:
    commands.outputs.write_text(
        json.dumps(vars(commands.learning.target) | {"finetune_runner": "none", "ml_workspace": ""}), encoding="utf-8"
    )
    for words in (["status"], ["teardown"], ["deploy", "--yes"], ["connect"], ["chat", "hello"]):
        status, _, err = commands.run(*words)
        assert status == 1 and "pulumi config set machineLearning true" in err
    assert not commands.learning.cloud.requests
