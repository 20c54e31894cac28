"""Without the extra requirements each command is one sentence, and nobody imports them at --help."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from jobs.entry import main

HIDE = Path(__file__).parent.parent / "hidden_modules"
COMMANDS = {
    "data": [],
    "train": [],
    "eval": [],
    "register": ["--run", "r"],
    "deploy": [],
    "traffic": [],
    "connect": [],
    "chat": ["x"],
    "flow": ["f"],
    "status": [],
    "teardown": [],
    "demo": [],
    "faces": [],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_names_the_requirements_file(
    state: Path, name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "trl", None)  # as where it is not installed
    assert main(["finetune", name, *COMMANDS[name], "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["kind"] == "unavailable"
    assert "-m pip install -r requirements-finetune.txt" in answer["error"]


def test_without_the_package_it_is_a_sentence(state: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(HIDE), "HIDDEN_MODULES": "trl"}
    command = [sys.executable, "-m", "jobs", "finetune", "status"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "requirements-finetune.txt" in done.stderr and "Traceback" not in done.stderr


def test_the_list_of_commands_is_whole() -> None:
    from jobs.commands.app import command

    assert set(command.commands["finetune"].commands) == set(COMMANDS)


def test_nothing_heavy_is_imported_by_help_or_status(state: Path) -> None:
    code = "import sys; from jobs.entry import main; main(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"
    for words in (["finetune", "--help"], ["finetune", "train", "--help"], ["finetune", "status"]):
        done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
        heavy = {"torch", "transformers", "trl", "peft", "datasets", "mlflow", "azure.ai.ml", "huggingface_hub"}
        assert not heavy & set(done.stderr.split()), words
