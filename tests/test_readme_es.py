"""README.es.md says what README.md says: the same headings, the same commands, the same blocks."""

import os
import re
from pathlib import Path

from tests.transcripts import WRITE

BLOCK = re.compile(r"^```\n.*?^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^\| `(python -m jobs [^`]*)`", re.MULTILINE)
OPTION = re.compile(r"--[a-z-]+")


def headings(text: str) -> list[int]:
    """The level of every heading, in order."""
    return [len(marks) for marks in re.findall(r"^(#+) ", BLOCK.sub("", text), re.MULTILINE)]


def test_the_spanish_page_has_the_blocks_of_the_english_one(project: Path) -> None:
    english, page = (project / "README.md").read_text(encoding="utf-8"), project / "README.es.md"
    spanish = page.read_text(encoding="utf-8")
    assert headings(spanish) == headings(english)
    if os.environ.get(WRITE) and len(BLOCK.findall(spanish)) == len(BLOCK.findall(english)):
        blocks = iter(BLOCK.findall(english))
        page.write_text(spanish := BLOCK.sub(lambda _: next(blocks), spanish), encoding="utf-8")
    assert BLOCK.findall(spanish) == BLOCK.findall(english)


def test_both_pages_list_the_same_commands_with_the_same_options(project: Path) -> None:
    pages = [(project / name).read_text(encoding="utf-8") for name in ("README.md", "README.es.md")]
    rows = [[line for line in page.splitlines() if COMMAND.match(line)] for page in pages]
    assert len(rows[0]) >= 18
    for english, spanish in zip(*rows, strict=True):
        assert COMMAND.findall(english) == COMMAND.findall(spanish)
        assert OPTION.findall(english) == OPTION.findall(spanish)
