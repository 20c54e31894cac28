"""A program in a process of its own: its events, its sentence, its end with this process."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from jobs.errors import ErrorKind, JobError, StoppedError
from jobs.finetune.child import model_variables, run_child, wait_for_child


def run(code: str, log: Path) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    run_child(["-c", code], log, events.append)
    return events


def test_lines_of_json_are_events_and_others_are_not(tmp_path: Path) -> None:
    assert run("print('words'); print({'a': 1}); print(5); print('{\"event\": \"é\"}')", tmp_path / "log") == [
        {"event": "é"}
    ]


@pytest.mark.parametrize(
    ("code", "kind", "sentence"),
    [
        ("import sys; sys.stderr.write('noise\\nA sentence.\\n'); sys.exit(3)", ErrorKind.invalid, "^A sentence.$"),
        (
            "raise OSError(28, 'No space left on device')",
            ErrorKind.unavailable,
            "No space left .*the same command again",
        ),
        ("raise KeyError('x')", ErrorKind.failed, "ended with the status 1"),
    ],
)
def test_a_failure_is_a_sentence(tmp_path: Path, code: str, kind: ErrorKind, sentence: str) -> None:
    with pytest.raises(JobError, match=sentence) as error:
        run(code, tmp_path / "log")
    assert error.value.kind is kind


def test_a_program_that_stopped_with_a_checkpoint_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(StoppedError, match="goes on from the last checkpoint"):
        run("import sys; sys.exit(4)", tmp_path / "log")


def test_an_error_here_ends_it_and_waits_for_what_it_saves(tmp_path: Path) -> None:
    saved = tmp_path / "saved"
    code = f"import pathlib, sys; print('{{}}', flush=True); sys.stdin.read(); pathlib.Path({str(saved)!r}).touch()"

    def fail(event: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_child(["-c", code], tmp_path / "log", fail)
    assert saved.exists()


def test_the_process_of_a_killed_command_is_waited_for(tmp_path: Path) -> None:
    orphan = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1)"])
    record = {"pid": orphan.pid, "created": psutil.Process(orphan.pid).create_time()}
    (tmp_path / "train.child.json").write_text(json.dumps(record))
    wait_for_child(tmp_path / "train.log")
    assert not psutil.pid_exists(orphan.pid) or psutil.Process(orphan.pid).status() == psutil.STATUS_ZOMBIE
    orphan.wait()


def test_a_small_model_has_one_thread_and_a_folder_asks_no_hub(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"x")
    assert model_variables(tmp_path)["OMP_NUM_THREADS"] == "1" and model_variables(tmp_path)["HF_HUB_OFFLINE"] == "1"
    assert "HF_HUB_OFFLINE" not in model_variables(None)
