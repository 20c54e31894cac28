"""Check an answer's [n] while it streams, and take out what a terminal would obey."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

NUMBERS = re.compile(r"\[\s*(\d{1,20}(?:\s*,\s*\d{1,20})*)\s*\]")
# The ends of a part that may go on: as a citation, or as an escape sequence.
OPEN_CITATION = re.compile(r"\[[\d\s,]{0,200}\Z")
OPEN_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b]{0,4000}\x1b?)?\Z")
# Escape sequences as a whole (ECMA-48: CSI, OSC and the others), then single control characters and what turns the
# direction of text round. Newlines and tabs stay.
ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b.?|"
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"
)


def clean_text(text: str) -> str:
    """The text without escape sequences and control characters."""
    return ESCAPES.sub("", text)


def split_open(text: str, pattern: re.Pattern[str]) -> tuple[str, str]:
    """The text before an open end, and that end."""
    match = pattern.search(text)
    end = match.start() if match else len(text)
    return text[:end], text[end:]


@dataclass
class CitationChecker:
    """Feeds on parts of an answer, returns what may be shown. `exists` says whether a passage has the number.

    A number that no passage has is struck out: `~~[7]~~`. `cited` are the others, each once, in order. Escape
    sequences go first: one inside the brackets hides no citation.
    """

    exists: Callable[[int], bool]
    cited: list[int] = field(default_factory=list)
    struck: int = 0
    raw: str = ""
    held: str = ""

    def feed(self, text: str) -> str:
        """What is complete of the answer so far; the rest is held until it is."""
        whole, self.raw = split_open(self.raw + text, OPEN_ESCAPE)
        shown, self.held = split_open(self.held + clean_text(whole), OPEN_CITATION)
        return NUMBERS.sub(self.replace, shown)

    def end(self) -> str:
        """What was held."""
        held, self.held, self.raw = self.held + clean_text(self.raw), "", ""
        return NUMBERS.sub(self.replace, held)

    def replace(self, match: re.Match[str]) -> str:
        numbers = [int(number) for number in match[1].split(",")]
        known = [number for number in numbers if self.exists(number)]
        self.cited += [number for number in known if number not in self.cited]
        self.struck += len(numbers) - len(known)
        return (
            match[0]
            if len(known) == len(numbers)
            else "".join(f"[{number}]" if number in known else f"~~[{number}]~~" for number in numbers)
        )
