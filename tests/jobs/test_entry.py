"""How a command ends: exit status, one sentence on stderr, and for scripts its kind on stdout."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from jobs import entry
from jobs.entry import main
from jobs.errors import ErrorKind, JobError, StoppedError
from tests.jobs.commands.command_list import COMMANDS, WITHOUT_GROUPS


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, str]]:
    """Run a command with --json. Returns its exit status and what it printed on stdout."""
    status = main([*words, "--json"])
    printed = capsys.readouterr()
    answer: dict[str, str] = json.loads(printed.out)
    assert printed.err == answer["error"] + "\n"
    assert set(answer) == {"error", "kind"}
    return status, answer


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        *[(JobError(f"It is {kind}.", kind), 1, kind) for kind in ErrorKind if kind is not ErrorKind.stopped],
        (StoppedError("Stopped."), 130, "stopped"),
        (KeyboardInterrupt(), 130, "stopped"),
        (typer.Abort(), 130, "stopped"),
        (typer.BadParameter("wrong"), 2, "usage"),
        (FileNotFoundError(errno.ENOENT, "No such file", "x"), 1, "not_found"),
        (PermissionError(errno.EACCES, "Permission denied", "x"), 1, "refused"),
        (OSError(errno.EROFS, "Read-only file system", "x"), 1, "refused"),
        (OSError(errno.ENOSPC, "No space left on device", "x"), 1, "unavailable"),
        (OSError(errno.EMFILE, "Too many open files", "x"), 1, "unavailable"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), 1, "unavailable"),
        (TimeoutError("timed out"), 1, "unavailable"),
        (NotADirectoryError(errno.ENOTDIR, "Not a directory", "x"), 1, "invalid"),
        (FileExistsError(errno.EEXIST, "File exists", "x"), 1, "conflict"),
        (OSError(errno.EIO, "Input/output error", "x"), 1, "failed"),
        (OSError("no number"), 1, "failed"),
        (UnicodeEncodeError("utf-8", "a\udcff", 1, 2, "surrogates not allowed"), 1, "invalid"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else str(value),
)
def test_every_way_to_end_has_a_kind(
    error: BaseException, status: int, kind: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*arguments: object, **options: object) -> int:
        raise error

    monkeypatch.setattr(entry, "command", fail)
    ended, answer = run(capsys, "verify")
    assert (ended, answer["kind"]) == (status, kind)
    assert answer["error"]


def test_a_status_of_ctrl_c_is_stopped(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Typer returns that status where it has caught the Ctrl-C itself."""
    monkeypatch.setattr(entry, "command", lambda *arguments, **options: 130)
    assert run(capsys, "verify") == (130, {"error": entry.STOPPED, "kind": "stopped"})


# A command that takes any number of files has no wrong number of them.
WRONG = [(words, ["--no-such-option"]) for words in WITHOUT_GROUPS]
WRONG += [
    (words, ["too", "many", "arguments"])
    for words in WITHOUT_GROUPS
    if all(parameter.nargs != -1 for parameter in COMMANDS[words].params)
]


@pytest.mark.parametrize(("words", "wrong"), WRONG)
def test_a_wrong_argument_is_wrong_usage_for_every_command(
    words: str, wrong: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    status, answer = run(capsys, *words.split(), *wrong)
    assert (status, answer["kind"]) == (2, "usage")
    assert answer["error"].endswith(f": see `python -m jobs {words} --help`.")


def test_a_group_without_a_command_prints_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models"]) == 2
    printed = capsys.readouterr()
    assert "preflight" in printed.out + printed.err


def test_without_json_nothing_is_printed_on_stdout(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["upload", str(tmp_path / "missing"), "--outputs", str(tmp_path / "missing.json")]) == 1
    printed = capsys.readouterr()
    assert printed.out == "" and "missing.json" in printed.err


def test_files_that_are_missing_or_invalid(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outputs, results = tmp_path / "outputs.json", tmp_path / "results.json"
    for file, words in ((outputs, ["verify", "--outputs"]), (results, ["bench", "--compare"])):
        status, answer = run(capsys, *words, str(file))
        assert (status, answer["kind"]) == (1, "not_found"), words
        file.write_text("{")
        status, answer = run(capsys, *words, str(file))
        assert (status, answer["kind"]) == (1, "invalid"), words


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read and write everything")
def test_a_file_that_may_not_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "outputs.json"
    file.touch(mode=0o000)
    status, answer = run(capsys, "verify", "--outputs", str(file))
    assert (status, answer["kind"]) == (1, "refused")


def test_a_python_without_the_packages(project: Path) -> None:
    words = [sys.executable, "-S", "-m", "jobs", "verify", "--json"]  # -S: without the packages of .venv
    done = subprocess.run(words, cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert json.loads(done.stdout) == {"error": done.stderr.strip(), "kind": "unavailable"}
