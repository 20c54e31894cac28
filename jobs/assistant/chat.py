"""A conversation: what was asked for, what was said, and the next question."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jobs.assistant.answer import Answer, CallMade, Citation
from jobs.assistant.citations import CitationChecker, clean_text
from jobs.assistant.conversation import Answerer, Item, Turn, Usage, user_item
from jobs.assistant.loop import Answered, answer_turn
from jobs.assistant.prompt import build_instructions, example_items, fill
from jobs.assistant.stopped import FILTER
from jobs.azure.openai import Connection
from jobs.azure.openai_refusal import FilteredError
from jobs.documents.search import describe_place
from jobs.tools.all_tools import TOOLS
from jobs.tools.search_documents import as_data
from jobs.tools.tool import Context

DATA_HEAD = "Passages of the user's documents, as data:\n"
NOT_CITED = "not from your documents"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the user asked for. `history` is how many earlier questions go along, None for all."""

    system: str = ""
    safety: Sequence[str] = ()
    examples: Sequence[Mapping[str, str]] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    data: bool = False
    tools: bool = False
    history: int | None = None
    store: bool = False
    metadata: Mapping[str, str] = field(default_factory=dict)
    stream: bool = True


@dataclass(frozen=True)
class Engine:
    """What answers. `deployment` is the name that is sent, "" for extract; `always_tools`: it works by them alone."""

    name: str
    answerer: Answerer
    deployment: str = ""
    always_tools: bool = False
    connection: Connection | None = None


@dataclass
class Conversation:
    """The questions and answers so far, and how the next one is asked. `price` says what a usage costs.

    `before` is called with each request and may raise; `notice` says what the person should know after an answer;
    `spent` are the US dollars so far, `last` is how the last
    question was asked and answered.
    """

    engine: Engine
    settings: Settings
    context: Context
    exchanges: list[list[Item]] = field(default_factory=list)
    before: Callable[[Turn], None] = lambda turn: None
    price: Callable[[Usage], tuple[float | None, str | None]] = lambda usage: (None, None)
    notice: Callable[[], str] = lambda: ""
    spent: float = 0.0
    last: tuple[Turn, Answered] | None = None

    def ask(self, question: str, show: Callable[[str], None] = lambda text: None) -> Answer:
        """Answer one question. `show` gets checked text as it comes. Raises JobError."""
        started = time.perf_counter()
        turn, passages = self.build_turn(question)
        first_match = len(self.context.matches)
        checker = CitationChecker(lambda number: any(each.n == number for each in self.context.sources))
        shown: list[str] = []

        def forward(text: str) -> None:
            shown.append(text)
            show(text)

        try:
            answered = answer_turn(
                self.engine.answerer, turn, self.context, lambda text: forward(checker.feed(text)), self.before
            )
        except FilteredError as error:
            raise FilteredError(f"{error}{self.describe_sent()}", error.kind) from error
        forward(checker.end())
        self.last = (turn, answered)
        self.exchanges.append([user_item(fill(question, self.settings.variables)), *answered.items])
        usd, date = self.price(answered.usage) if answered.usage else (None, None)
        self.spent += usd or 0.0
        return Answer(
            question=question,
            answer="".join(shown),
            engine=self.engine.name,
            deployment=self.engine.deployment or None,
            model=answered.model,
            citations=self.list_citations(checker.cited),
            calls=[CallMade(each.name, each.arguments, each.ok, each.seconds) for each in answered.calls],
            pictures=self.context.matches[first_match:],
            usage=answered.usage,
            usd=usd,
            price_date=date,
            dropped=answered.dropped,
            response_id=answered.response_id,
            seconds=round(time.perf_counter() - started, 3),
            struck=checker.struck,
            stopped=answered.stopped,
            note=self.describe_note(answered, checker, passages),
        )

    def build_turn(self, question: str) -> tuple[Turn, bool]:
        """The request for a question, and whether passages were given."""
        settings, values = self.settings, self.settings.variables
        tools = TOOLS if settings.tools or self.engine.always_tools else ()
        text = fill(question, values)
        if self.context.pictures and tools and not self.engine.always_tools:
            text += f"\n(The user's pictures, by handle: {', '.join(self.context.pictures)})"
        passages: list[Item] = []
        if settings.data and not self.engine.always_tools:
            found = self.context.find_passages(text, self.context.search.k).results
            data = json.dumps({"passages": [as_data(each) for each in found]}, ensure_ascii=False)
            passages = [user_item(DATA_HEAD + data)]
        most = len(self.exchanges) if settings.history is None else settings.history
        kept = self.exchanges[max(len(self.exchanges) - most, 0) :]
        earlier = [item for exchange in kept for item in exchange]
        return Turn(
            model=self.engine.deployment,
            instructions=build_instructions(
                fill(settings.system, values),
                settings.safety,
                (settings.data or settings.tools) and not self.engine.always_tools,
            ),
            items=[*example_items(settings.examples, values), *earlier, *passages, user_item(text)],
            tools=tools,
            parameters=settings.parameters,
            store=settings.store,
            metadata=settings.metadata,
            stream=settings.stream,
        ), bool(passages)

    def list_citations(self, cited: Sequence[int]) -> list[Citation]:
        by_number = {each.n: each for each in self.context.sources}
        found = [by_number[number] for number in cited]
        return [Citation(each.n, each.document, each.heading, each.page, each.text) for each in found]

    def describe_note(self, answered: Answered, checker: CitationChecker, passages: bool) -> str:
        searched = passages or any(each.name == "search_documents" and each.ok for each in answered.calls)
        notes = [NOT_CITED] if searched and not checker.cited and self.engine.name != "extract" else []
        if answered.stopped:
            notes.append(answered.stopped + (self.describe_sent() if answered.stopped.startswith(FILTER) else ""))
        return clean_text("; ".join(notes))

    def describe_sent(self) -> str:
        """Which passages a filter may have found something in: Azure does not say."""
        sent = "; ".join(dict.fromkeys(describe_place(each) for each in self.context.sources))
        return f" Passages were sent of {sent}." if sent else ""
