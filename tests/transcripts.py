"""Compare the transcripts in a page of the documentation with what the commands print.

A transcript is a code block that begins with a prompt. `WRITE_TRANSCRIPTS=1 python -m pytest FILE` updates the page.
"""

import difflib
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from jobs.entry import main

WRITE = "WRITE_TRANSCRIPTS"
PROMPT = "$ "
BLOCK = re.compile(r"(?<=^```\n)\$ .*?(?=^```$)", re.MULTILINE | re.DOTALL)
VARIES = re.compile(
    r"\d{4}-\d\d-\d\d(T[\d:.]+Z)?"  # dates and times
    r"|\d[\d,.]*(?= (s\b|MB|rows/s|pictures/s|connections|packages|days))"  # durations, rates and their like
    r"|(?<=Python )[\d.]+"
    r"|\bv3\.\d+\.\d+, logged in as \S+"  # Pulumi
    r"|(?<=embed: )\w+, \w+, \w+, \d+ threads, \d+"
    r"|(?<=fp32, )[a-z, ]+(?=\)$)"  # device and engine
    r"|\b0\.\d{4}\b"  # distances: processors round differently
)


def commands(text: str) -> list[str]:
    """The commands in a text, in its order."""
    return [line.removeprefix(PROMPT) for line in text.splitlines() if line.startswith(PROMPT)]


def run_command(command: str) -> None:
    """Run a command in this process. It may fail (exit status 1), but not be wrong usage."""
    words = command.split()
    assert words[:3] == ["python", "-m", "jobs"], command
    assert main(words[3:]) in (0, 1), command


def check_page(page: Path, run: Callable[[str], str]) -> None:
    """Assert that the page shows what `run` returns for its commands, run in its order."""

    def run_block(transcript: re.Match[str]) -> str:
        return block([(each, run(each)) for each in commands(transcript[0])])

    actual = BLOCK.sub(run_block, page.read_text(encoding="utf-8"))
    if os.environ.get(WRITE):
        page.write_text(actual, encoding="utf-8")
    shown = page.read_text(encoding="utf-8")
    different = difflib.unified_diff(masked(shown), masked(actual), page.name, "printed now", lineterm="")
    assert not (lines := list(different)), "\n".join([*lines, f"see {Path(__file__).name} to write {page.name}"])


def block(typed: Iterable[tuple[str, str]]) -> str:
    """The transcript of some commands, each with what it printed."""
    return "\n\n".join(f"{PROMPT}{command}\n{output}".rstrip() for command, output in typed) + "\n"


def masked(text: str) -> list[str]:
    """The lines, with N for what differs each time."""
    return VARIES.sub("N", text).splitlines()
