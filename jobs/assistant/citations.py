"""Check an answer's [n] while it streams, and take out what a terminal would obey."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

NUMBERS = re.compile(r"\[\s*(\d{1,4}(?:\s*,\s*\d{1,4})*)\s*\]")
# The end of a part that may go on as a citation, or as an escape sequence.
OPEN = re.compile(r"(?:\[[\d\s,]{0,24}|\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b]{0,4000}\x1b?)?)\Z")
# Escape sequences as a whole (ECMA-48: CSI, OSC and the others), then single control characters and what turns the
# direction of text round. Newlines and tabs stay.
ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b.?|"
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


def clean_text(text: str) -> str:
    """The text without escape sequences and control characters."""
    return ESCAPES.sub("", text)


@dataclass
class CitationChecker:
    """Feeds on parts of an answer, returns what may be shown. `exists` says whether a passage has the number.

    A number that no passage has is struck out: `~~[7]~~`. `cited` are the others, each once, in order.
    """

    exists: Callable[[int], bool]
    cited: list[int] = field(default_factory=list)
    struck: int = 0
    held: str = ""

    def feed(self, text: str) -> str:
        """What is complete of the answer so far; the rest is held until it is."""
        text = self.held + text
        match = OPEN.search(text)
        end = match.start() if match else len(text)
        self.held = text[end:]
        return self.check(text[:end])

    def end(self) -> str:
        """What was held."""
        held, self.held = self.held, ""
        return self.check(held)

    def check(self, text: str) -> str:
        return NUMBERS.sub(self.replace, clean_text(text))

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
