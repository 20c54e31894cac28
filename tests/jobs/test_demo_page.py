"""The end of a demo: the address of its page, what comes next, and --open."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest

from jobs.demo.run import NEXT
from tests.jobs.commands.command_list import COMMANDS

OPENED = "import sys; open(sys.argv[1], 'w').write(sys.argv[2])"


@pytest.mark.parametrize("browser", [True, False], ids=["with a browser", "without one"])
def test_a_demo_ends_with_the_address_of_its_page_and_what_comes_next(
    services_folder: Path, tmp_path: Path, browser: bool
) -> None:
    report, opened = tmp_path / "my report \u00e9", tmp_path / "opened"
    command = shlex.join([sys.executable, "-c", OPENED, str(opened)]) + " %s" if browser else str(tmp_path / "missing")
    variables = {**os.environ, "JOBS_LOCAL": str(services_folder), "BROWSER": command, "PATH": ""}
    words = [sys.executable, "-m", "jobs", "demo", "--count", "7", "--weights", "random", "--open", "--report"]
    done = subprocess.run([*words, str(report)], env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    (url,) = re.findall(r"The page: (file:///\S+)$", done.stdout, re.MULTILINE)
    assert Path(url2pathname(urlsplit(url).path)).read_text(encoding="utf-8").startswith("<!")
    assert lines[-len(NEXT) :] == list(NEXT)
    assert opened.read_text() == url if browser else f"copy {url} into one" in done.stderr


def test_what_comes_next_are_commands_that_exist() -> None:
    named = [re.match(r"  python -m jobs (\S+)", line) for line in NEXT[1:]]
    assert all(each and each[1] in {*COMMANDS, "--help"} for each in named)
