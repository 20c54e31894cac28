"""One answer: what was said, from which sources, by what, and what it took."""

import json
from dataclasses import dataclass, field
from typing import Any

from jobs.assistant.conversation import Dropped, Usage
from jobs.assistant.stopped import LENGTH
from jobs.lines import KEEPS_LINES
from jobs.search.query import Match


@dataclass(frozen=True)
class Citation:
    """One passage that the answer cites. `quote` is the passage's own text."""

    n: int
    document: str
    heading: str
    page: int | None
    quote: str


@dataclass(frozen=True)
class CallMade:
    name: str
    arguments: Any
    ok: bool
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One answer. `model` is what the service says answered. `struck` counts citations that no passage has."""

    question: str = field(metadata=KEEPS_LINES)
    answer: str = field(metadata=KEEPS_LINES)
    engine: str
    deployment: str | None
    model: str | None
    citations: list[Citation]
    calls: list[CallMade]
    pictures: list[Match]
    usage: Usage | None
    usd: float | None
    price_date: str | None
    dropped: list[Dropped]
    response_id: str | None
    seconds: float
    struck: int = 0
    stopped: str = ""
    note: str = ""

    @property
    def broken(self) -> bool:
        """Whether a filter or a broken connection ended it; a limit that the user set is not a failure."""
        return bool(self.stopped) and self.stopped != LENGTH

    def summary(self) -> str:
        return "\n".join([self.answer, *self.footer()])

    def footer(self) -> list[str]:
        """The lines under an answer: its sources, and what it took."""
        lines = [f"  [{each.n}] {describe_citation(each)}" for each in self.citations]
        lines += [f"  {each.name}({json.dumps(each.arguments, ensure_ascii=False)})" for each in self.calls]
        if self.struck:
            lines.append(f"  {self.struck} cited numbers that no passage has are struck out.")
        if self.note:
            lines.append(f"  {self.note}")
        if self.usage:
            price = f", {self.usd:.6f} USD (prices of {self.price_date})" if self.usd is not None else ""
            cached = f" ({self.usage.cached:,} cached)" if self.usage.cached else ""
            lines.append(f"  {self.usage.input:,} tokens in{cached}, {self.usage.output:,} out{price}")
        return lines


@dataclass(frozen=True, kw_only=True)
class CodedAnswer(Answer):
    """An answer with the program that does the same: --show-code with --json."""

    code: str


def describe_citation(citation: Citation) -> str:
    page = f"page {citation.page}" if citation.page is not None else ""
    return ", ".join(part for part in (citation.document, citation.heading, page) if part)
