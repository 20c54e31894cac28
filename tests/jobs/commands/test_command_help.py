"""Every command explains itself: its help, its examples, its place in the README."""

import re
import shlex
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import typer

from jobs.commands.app import app
from tests.jobs.shell import jobs


def leaves(command: Any, words: tuple[str, ...] = ()) -> dict[str, Any]:
    """Every command by its words, such as `models list`: what the Typer app has, groups among them."""
    below = getattr(command, "commands", {})
    found = {" ".join(words): command} if words else {}
    for name, each in below.items():
        found |= leaves(each, (*words, name))
    return found


COMMANDS = leaves(typer.main.get_command(app))


def test_every_command_has_help_with_an_example() -> None:
    """The help that is printed, of a few at a time: each is a program that has to start."""
    with ThreadPoolExecutor(2) as pool:
        done = dict(zip(COMMANDS, pool.map(lambda words: jobs(*words.split(), "--help"), COMMANDS), strict=True))
    for words, each in done.items():
        assert each.returncode == 0, words
        first = words.split()[0]
        assert f"Example: python -m jobs {first} " in re.sub(r"\s+", " ", each.stdout) + " ", words


@pytest.mark.parametrize("words", COMMANDS)
def test_every_example_is_a_command_line_of_that_command(words: str) -> None:
    """Parsed as far as running it: unknown options, missing arguments and wrong values are found."""
    command = COMMANDS[words]
    examples = re.findall(r"Example: python -m jobs (.+)", command.epilog or "")
    assert examples
    for example in examples:
        given = shlex.split(example)
        assert example.startswith(f"{words} "), example
        rest, found = given[len(words.split()) :], command
        while below := getattr(found, "commands", {}):
            found, rest = below[rest[0]], rest[1:]
        with found.make_context(words, rest, resilient_parsing=False):
            pass


@pytest.mark.parametrize("command", sorted({words.split()[0] for words in COMMANDS}))
def test_the_readme_shows_every_command(command: str, project: Path) -> None:
    assert re.search(rf"python -m jobs {command}\b", (project / "README.md").read_text(encoding="utf-8"))
