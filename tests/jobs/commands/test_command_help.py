"""Every command has help with an example, and is in the README."""

import re
import shlex
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.jobs.cli_process import run_jobs
from tests.jobs.commands.command_list import COMMANDS


def test_every_command_has_help_with_an_example() -> None:
    """The printed help, two programs at a time."""
    with ThreadPoolExecutor(2) as pool:
        done = dict(zip(COMMANDS, pool.map(lambda words: run_jobs(*words.split(), "--help"), COMMANDS), strict=True))
    for words, each in done.items():
        assert each.returncode == 0, words
        first = words.split()[0]
        assert f"Example: python -m jobs {first} " in re.sub(r"\s+", " ", each.stdout) + " ", words


@pytest.mark.parametrize("words", COMMANDS)
def test_every_example_is_a_command_line_of_that_command(words: str) -> None:
    """Each example is parsed but not run: that finds unknown options, missing arguments and wrong values."""
    command = COMMANDS[words]
    examples = re.findall(r"Example: python -m jobs (.+)", command.epilog or "")
    assert examples
    for example in examples:
        arguments = shlex.split(example)
        assert example.startswith(f"{words} "), example
        rest, subcommand = arguments[len(words.split()) :], command
        while subcommands := getattr(subcommand, "commands", {}):
            subcommand, rest = subcommands[rest[0]], rest[1:]
        with subcommand.make_context(words, rest, resilient_parsing=False):
            pass


@pytest.mark.parametrize("command", sorted({words.split()[0] for words in COMMANDS}))
def test_the_readme_shows_every_command(command: str, project: Path) -> None:
    assert re.search(rf"python -m jobs {command}\b", (project / "README.md").read_text(encoding="utf-8"))
