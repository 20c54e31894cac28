"""chat evaluate: ask every case, check the answers. Deterministic: there is no model that grades."""

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from jobs import terminal
from jobs.assistant.answer import Answer
from jobs.assistant.chat import Conversation
from jobs.assistant.golden import Case
from jobs.assistant.price import SpendingLimitError
from jobs.errors import ErrorKind, JobError
from jobs.lines import KEEPS_LINES
from jobs.postgres.connection import fetch_value, open_connection
from jobs.tools.tool import pictures_target


@dataclass(frozen=True)
class Miss:
    """A case that failed: what was expected, and what came instead."""

    id: str
    question: str
    expected: str
    got: str = field(metadata=KEEPS_LINES)


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """`rate` is passed / cases; `languages` has the rate of each language. `usd` is None where no price is known."""

    cases: int
    passed: int
    rate: float
    languages: dict[str, float]
    failures: list[Miss]
    usd: float | None
    seconds: float
    engine: str = ""

    def summary(self) -> str:
        parts = ", ".join(f"{name} {rate:.0%}" for name, rate in self.languages.items())
        lines = [
            f"{self.passed} of {self.cases} cases passed ({self.rate:.0%}: {parts}) with {self.engine} "
            f"in {self.seconds:.1f} s"
        ]
        for each in self.failures:
            lines += [
                f"  {each.id}: {each.question}",
                f"    expected {each.expected}",
                f"    got {' '.join(each.got.split())[:200]}",
            ]
        return "\n".join(lines)


@dataclass(frozen=True, kw_only=True)
class NamedEvaluation(Evaluation):
    """The evaluation of one deployment of several."""

    name: str


@dataclass(frozen=True, kw_only=True)
class Evaluations:
    """The same cases with several deployments. `rate` is that of the worst."""

    rate: float
    variants: list[NamedEvaluation]

    def summary(self) -> str:
        return "\n".join(f"{each.name}: {each.summary()}" for each in self.variants)


def evaluate_each(conversations: Mapping[str, Conversation], cases: Sequence[Case]) -> Evaluations:
    """Evaluate each conversation, by name."""
    variants = [NamedEvaluation(name=name, **vars(evaluate_cases(each, cases))) for name, each in conversations.items()]
    return Evaluations(rate=min(each.rate for each in variants), variants=variants)


def evaluate_cases(conversation: Conversation, cases: Sequence[Case]) -> Evaluation:
    """Ask each case in a conversation of its own. What an answerer refuses is a failed case; the run goes on.

    Raises SpendingLimitError before the call that would pass --max-usd.
    """
    started, failures, usd = time.perf_counter(), [], 0.0
    known = True
    with terminal.progress("cases", len(cases)) as advance:
        for case in cases:
            conversation.exchanges.clear()
            conversation.context.sources.clear()
            try:
                answer = conversation.ask(case.question)
            except SpendingLimitError:
                raise
            except JobError as error:
                failures.append(Miss(case.id, case.question, "an answer", str(error)))
                advance(1)
                continue
            known, usd = known and answer.usd is not None, usd + (answer.usd or 0)
            if expected := find_miss(conversation, case, answer):
                failures.append(Miss(case.id, case.question, expected, answer.answer))
            advance(1)
    failed = {each.id for each in failures}
    return Evaluation(
        cases=len(cases),
        passed=len(cases) - len(failures),
        rate=round(1 - len(failures) / len(cases), 4),
        languages={
            name: round(sum(each.id not in failed for each in group) / len(group), 4)
            for name in sorted({each.language for each in cases})
            if (group := [each for each in cases if each.language == name])
        },
        failures=failures,
        usd=usd if known else None,
        seconds=round(time.perf_counter() - started, 3),
        engine=conversation.engine.name,
    )


def find_miss(conversation: Conversation, case: Case, answer: Answer) -> str:
    """What the answer lacks, "" for nothing."""
    text = answer.answer.lower()
    for part in case.contains:
        if part.lower() not in text:
            return f"the text {part!r}"
    for part in case.not_contains:
        if part.lower() in text:
            return f"no text {part!r}"
    if case.cites and not {each.document for each in answer.citations} & set(case.cites):
        return f"a citation of {' or '.join(case.cites)}"
    if missing := [name for name in case.calls if name not in {each.name for each in answer.calls if each.ok}]:
        return f"a call of {missing[0]}"
    if case.number:
        number = query_number(conversation, case.number)
        if not re.search(rf"(?<![\d.]){number}(?![\d]|\.\d)", answer.answer.replace(",", "")):
            return f"the number {number}"
    return ""


def query_number(conversation: Conversation, query: str) -> int:
    """What the case's query counts now. It may be the text of a foreign file: one statement, which only reads."""
    if ";" in query.rstrip().removesuffix(";"):  # psycopg2 would run what follows COMMIT outside of the transaction
        raise JobError(f"The query of a case is one statement, without a semicolon: `{query}`.", ErrorKind.invalid)
    with pictures_target(conversation.context.target) as (target, _), open_connection(target, only_read=True) as db:
        value = fetch_value(db, query)
    if not isinstance(value, int):
        raise JobError(f"The query of a case counts something, and `{query}` gives {value!r}.", ErrorKind.invalid)
    return value
