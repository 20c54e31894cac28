"""What a page of the documentation shows of a terminal, held against what the commands print.

A transcript is a block that begins with a prompt. `WRITE_TRANSCRIPTS=1 python -m pytest FILE` writes the page anew.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path

from jobs.entry import main

WRITE = "WRITE_TRANSCRIPTS"
PROMPT = "$ "
BLOCK = re.compile(r"(?<=^```\n)\$ .*?(?=^```$)", re.MULTILINE | re.DOTALL)
VARIES = re.compile(
    r"\d{4}-\d\d-\d\d(T[\d:.]+Z)?"  # days and moments
    r"|\d[\d,.]*(?= (s\b|MB|rows/s|pictures/s|connections|packages|days))"  # how long it took, and with what
    r"|(?<=Python )[\d.]+"
    r"|(?<=fp32, )[a-z, ]+(?=\)$)"  # device and engine
    r"|\b0\.\d{4}\b"  # distances: another processor rounds otherwise
)


def commands(text: str) -> list[str]:
    """Every command of a text, in its order."""
    return [line.removeprefix(PROMPT) for line in text.splitlines() if line.startswith(PROMPT)]


def run_command(command: str) -> None:
    """Run a command line of the jobs here. One that fails is shown as well; one that is wrong is not."""
    words = command.split()
    assert words[:3] == ["python", "-m", "jobs"], command
    assert main(words[3:]) in (0, 1), command


def hold(page: Path, types: Callable[[str], str]) -> None:
    """Assert that the page shows what is printed where its commands are typed in their order."""

    def block(shown: re.Match[str]) -> str:
        return "\n\n".join(f"{PROMPT}{each}\n{types(each).rstrip()}" for each in commands(shown[0])) + "\n"

    seen = BLOCK.sub(block, page.read_text(encoding="utf-8"))
    if os.environ.get(WRITE):
        page.write_text(seen, encoding="utf-8")
    assert masked(seen) == masked(page.read_text(encoding="utf-8")), f"see {Path(__file__).name} to write {page.name}"


def masked(text: str) -> list[str]:
    """Lines without what is different each time."""
    return VARIES.sub("N", text).splitlines()
