"""docs/finetune.md shows what the commands print on this computer, after the training of the tests."""

import re
import shlex
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from jobs.entry import main
from jobs.finetune.results import ModelVersion
from tests.transcripts import check_page

pytestmark = pytest.mark.slow
PORT = re.compile(r"127\.0\.0\.1:\d+")


def test_the_page_shows_what_the_commands_print(trained: ModelVersion, state: Path, project: Path) -> None:
    def run(command: str) -> str:
        out = StringIO()
        with redirect_stdout(out):
            assert main(shlex.split(command.replace("RUN", trained.run))[3:]) == 0, command
        return PORT.sub("127.0.0.1:PORT", out.getvalue().replace(trained.run, "RUN").replace(str(state), ".local"))

    check_page(project / "docs" / "finetune.md", run)
