"""docs/tutorial.md shows what the commands print for a table that the original tutorial filled, run twice."""

from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from jobs.embed.prepare import read_sample
from jobs.embed.weights import random_weights
from jobs.local.services import SERVICES, laptop_url, start_services, stop_services
from jobs.pictures.sample import draw_sample
from jobs.pictures.scan import find_pictures
from tests.jobs.adopt.tutorial_database import make_tutorial_database
from tests.jobs.cli_process import without_waits
from tests.transcripts import check_page, commands, run_command

pytestmark = pytest.mark.slow


def run_and_capture(command: str) -> str:
    """Run a command. Return what a person sees, without progress."""
    screen = StringIO()
    with redirect_stdout(screen), redirect_stderr(screen):
        run_command(command)
    return "\n".join(line for line in without_waits(screen.getvalue()) if not line.startswith("Copy_"))


def test_the_tutorial_shows_what_the_commands_print(
    project: Path, services_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = project / "docs" / "tutorial.md"
    assert len(commands(page.read_text(encoding="utf-8"))) >= 8
    monkeypatch.setenv("JOBS_LOCAL", str(services_folder))
    monkeypatch.chdir(tmp_path)
    faces = Path("fer2013")
    draw_sample(faces, 60, 1)
    start_services(*SERVICES)
    try:
        weights = random_weights(read_sample(find_pictures(faces).pictures, 32))
        make_tutorial_database(laptop_url(), faces, str(weights.file))
        check_page(page, run_and_capture)
    finally:
        stop_services()
