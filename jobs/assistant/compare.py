"""chat compare: one question, several ways, and what differs."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jobs.assistant.answer import Answer
from jobs.assistant.chat import Conversation
from jobs.assistant.prompt import read_text
from jobs.errors import ErrorKind, JobError

PASTED = "pasted"


@dataclass(frozen=True, kw_only=True)
class Variant(Answer):
    """An answer, and the name of the way that it was asked."""

    name: str


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """`differences` has, by name, the figures of each variant, and the share of its words that all others have too."""

    question: str
    variants: list[Variant]
    differences: dict[str, dict[str, Any]]

    def summary(self) -> str:
        lines = [self.question]
        for variant in self.variants:
            lines += ["", f"== {variant.name}", variant.answer]
        lines += ["", f"{'':24} {'words':>6} {'shared':>7} {'cited':>6} {'tokens':>7} {'seconds':>8} {'USD':>10}"]
        for name, each in self.differences.items():
            usd = "unknown" if each["usd"] is None else f"{each['usd']:.6f}"
            tokens = "" if each["tokens"] is None else f"{each['tokens']:,}"
            lines.append(
                f"{name:24} {each['words']:6,} {each['shared']:7.0%} {each['citations']:6} {tokens:>7} "
                f"{each['seconds']:8.1f} {usd:>10}"
            )
        return "\n".join(lines)


def compare_answers(question: str, ways: Sequence[tuple[str, Conversation]], paste: Path | None) -> Comparison:
    """Ask each conversation, in order. `paste` is a file with an answer of somewhere else. Raises JobError."""
    pasted = [read_pasted(question, paste)] if paste else []
    variants = [name_variant(name, conversation.ask(question)) for name, conversation in ways] + pasted
    words = {each.name: set(split_words(each.answer)) for each in variants}
    differences = {}
    for each in variants:
        others = [words[name] for name in words if name != each.name]
        shared = words[each.name].intersection(*others) if others else words[each.name]
        differences[each.name] = {
            "words": len(split_words(each.answer)),
            "shared": round(len(shared) / max(len(words[each.name]), 1), 4),
            "citations": len(each.citations),
            "tokens": each.usage.output if each.usage else None,
            "seconds": each.seconds,
            "usd": each.usd,
        }
    return Comparison(question=question, variants=variants, differences=differences)


def name_variant(name: str, answer: Answer) -> Variant:
    return Variant(name=name, **vars(answer))


def split_words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def read_pasted(question: str, file: Path) -> Variant:
    """The answer in a file, such as one copied out of a browser."""
    if not file.is_file():
        raise JobError(f"There is no file {file}: save the answer that you copied into one.", ErrorKind.not_found)
    text = read_text(file).strip()
    return Variant(
        name=PASTED,
        question=question,
        answer=text,
        engine=PASTED,
        deployment=None,
        model=None,
        citations=[],
        calls=[],
        pictures=[],
        usage=None,
        usd=None,
        price_date=None,
        dropped=[],
        response_id=None,
        seconds=0.0,
    )
