"""README.md shows what the commands print: each is run in its order on a laptop where nothing ran before."""

from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from jobs.local.services import stop_services
from tests.transcripts import commands, hold, run_command


def results_of(command: str) -> str:
    """What a command prints on stdout: its progress is another each time."""
    results = StringIO()
    with redirect_stdout(results), redirect_stderr(StringIO()):
        run_command(command)
    return results.getvalue()


def test_the_readme_shows_what_the_commands_print(
    project: Path, own_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = project / "README.md"
    assert len(commands(page.read_text(encoding="utf-8"))) >= 8
    monkeypatch.setenv("JOBS_LOCAL", str(own_folder))
    monkeypatch.chdir(tmp_path)
    try:
        hold(page, results_of)
    finally:
        stop_services()
