"""README.md shows what the commands print: they run in its order, on services that have no data yet."""

from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from jobs.local.services import stop_services
from tests.transcripts import check_page, commands, run_command

pytestmark = pytest.mark.slow


def run_and_capture(command: str) -> str:
    """Run a command. Returns its stdout: progress on stderr differs each time."""
    stdout = StringIO()
    with redirect_stdout(stdout), redirect_stderr(StringIO()):
        run_command(command)
    return stdout.getvalue()


def test_the_readme_shows_what_the_commands_print(
    project: Path, services_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = project / "README.md"
    assert len(commands(page.read_text(encoding="utf-8"))) >= 8
    monkeypatch.setenv("JOBS_LOCAL", str(services_folder))
    monkeypatch.chdir(tmp_path)
    try:
        check_page(page, run_and_capture)
    finally:
        stop_services()
