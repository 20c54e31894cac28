"""Talk with an agent: the same loop wherever it lives. It shows what stops when nobody runs a function."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from jobs.assistant.citations import CitationChecker
from jobs.assistant.conversation import Call, Dropped, Event, Item, Usage, output_item, user_item
from jobs.assistant.loop import MOST_CALLS, Answered, take_events
from jobs.assistant.stopped import LENGTH
from jobs.errors import JobError
from jobs.lines import KEEPS_LINES
from jobs.tools.call import call_tool
from jobs.tools.tool import Context, Tool

NOT_RUN = "This call was not run: nobody executed it."
STEPS = """The agent stopped, and this is why. A call of a function has four steps:
  1. you ask, and the model decides that it needs a function;
  2. it answers with a name and arguments, and nothing else: a model runs no code;
  3. somebody runs the function with these arguments   <-- nobody did
  4. the output goes back, and the model writes the answer.
Without --no-exec this computer does step 3. To go on: --conversation {conversation}"""


class Session(Protocol):
    """A conversation with an agent: in Foundry, or in a file of this laptop."""

    conversation: str
    version: str

    def open_calls(self) -> list[str]:
        """The ids of the calls without an output."""

    def send(self, items: Sequence[Item]) -> Iterator[Event]:
        """Send items, and yield what comes back."""


@dataclass(frozen=True)
class AgentCall:
    name: str
    arguments: Any
    executed: bool
    output: str | None


@dataclass(kw_only=True)
class AgentAnswer:
    """`stopped`: a call waits for its output, and there is no answer. `usd`: of the tokens, None where unknown.

    `note` says why the answer ended early. `dropped` are parameters that the model does not take.
    """

    agent: str
    version: str
    conversation: str
    answer: str = field(default="", metadata=KEEPS_LINES)
    calls: list[AgentCall] = field(default_factory=list)
    stopped: bool = False
    note: str = ""
    dropped: list[Dropped] = field(default_factory=list)
    usage: Usage | None = None
    usd: float | None = None
    price_date: str | None = None

    def summary(self) -> str:
        return "\n".join([*([self.answer] if self.answer else []), *self.footer()])

    @property
    def broken(self) -> bool:
        """Whether a filter or a broken connection ended it."""
        return bool(self.note) and self.note != LENGTH

    def footer(self) -> list[str]:
        """The lines under an answer: what was called, why it stopped, and what it took."""
        lines = [f"  {each.name}({json.dumps(each.arguments, ensure_ascii=False)})" for each in self.calls]
        lines += [f"  {self.note}"] if self.note else []
        if self.stopped:
            lines.append(STEPS.format(conversation=self.conversation))
        if self.usage:
            price = f", {self.usd:.6f} USD (prices of {self.price_date})" if self.usd is not None else ""
            lines.append(f"  {self.usage.input:,} tokens in, {self.usage.output:,} out{price}")
        return [*lines, f"  conversation {self.conversation}"]


@dataclass(frozen=True)
class Runner:
    """What runs functions: `tools` with code here; `ask_person` gets other outputs, None where nobody is there.

    `recorded` are the outputs so far, by the function's name and its arguments as the model wrote them.
    """

    tools: Sequence[Tool]
    context: Context
    execute: bool = True
    ask_person: Callable[[Call], str] | None = None
    recorded: dict[tuple[str, str], str] = field(default_factory=dict)

    def can_run(self, call: Call) -> bool:
        tool = next((each for each in self.tools if each.name == call.name), None)
        has_code = tool is None or tool.run is not None  # an unknown one is answered: there is none of that name
        return self.execute and (has_code or self.ask_person is not None)

    def run(self, call: Call) -> str:
        tool = next((each for each in self.tools if each.name == call.name), None)
        if tool is not None and tool.run is None and self.ask_person:
            output = self.ask_person(call)
        else:
            with_code = [each for each in self.tools if each.run]
            output = call_tool(with_code, self.context, call.name, call.arguments).output
        self.recorded[call.name, call.arguments] = output
        return output

    def is_source(self, number: int) -> bool:
        """Whether a passage has the number; Foundry's own file search does not say which passages it gave."""
        sources = self.context.sources
        return not sources or any(each.n == number for each in sources)


def ask_agent(
    agent: str, session: Session, question: str, runner: Runner, show: Callable[[str], None] = lambda text: None
) -> AgentAnswer:
    """Ask, run the functions, and answer. Calls that an earlier question left open are closed first.

    `show` gets the text as it comes. Raises JobError where the agent asks on and on.
    """
    answer = AgentAnswer(agent=agent, version=session.version, conversation=session.conversation)
    items: list[Item] = [output_item(call_id, NOT_RUN) for call_id in session.open_calls()]
    items.append(user_item(question))
    while True:
        calls = take_reply(session.send(items), answer, show, runner.is_source)
        if not calls:
            return answer
        if len(answer.calls) >= MOST_CALLS:
            raise JobError(f"The agent asked for more than {MOST_CALLS} calls and gave no answer: ask again.")
        if not all(runner.can_run(call) for call in calls):
            answer.calls += [AgentCall(call.name, parse(call), False, None) for call in calls]
            answer.stopped = True
            return answer
        outputs = [(call, runner.run(call)) for call in calls]
        answer.calls += [AgentCall(call.name, parse(call), True, output) for call, output in outputs]
        items = [output_item(call.call_id, output) for call, output in outputs]


def take_reply(
    events: Iterable[Event], answer: AgentAnswer, show: Callable[[str], None], exists: Callable[[int], bool]
) -> list[Call]:
    """Read one reply into the answer, and show its text as it comes; returns the calls in it."""
    answered, checker = Answered(), CitationChecker(exists)
    shown: list[str] = []

    def forward(text: str) -> None:
        shown.append(text)
        show(text)

    calls = take_events(events, answered, lambda text: forward(checker.feed(text)))
    forward(checker.end())
    answer.answer, answer.note = "".join(shown), answered.stopped
    answer.dropped += [each for each in answered.dropped if each not in answer.dropped]
    if answer.answer:
        show("\n")
    if answered.usage:
        answer.usage = (answer.usage or Usage()) + answered.usage
    return calls


@dataclass(kw_only=True)
class CodedAgentAnswer(AgentAnswer):
    """An answer with the program that does the same: --show-code with --json."""

    code: str = field(metadata=KEEPS_LINES)


def parse(call: Call) -> Any:
    """The arguments as a value; as text where they are not JSON."""
    try:
        return json.loads(call.arguments)
    except (ValueError, RecursionError):
        return call.arguments
