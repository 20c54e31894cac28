"""Talk with an agent: the same loop wherever it lives. It shows what stops when nobody runs a function."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from jobs.assistant.citations import clean_text
from jobs.assistant.conversation import Call, Item, Usage, output_item, user_item
from jobs.assistant.loop import MOST_CALLS
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


@dataclass(frozen=True)
class Reply:
    """What came back for some items."""

    text: str
    calls: list[Call]
    usage: Usage | None


class Session(Protocol):
    """A conversation with an agent: in Foundry, or in a file of this laptop."""

    conversation: str
    version: str

    def open_calls(self) -> list[str]:
        """The ids of the calls without an output."""

    def send(self, items: Sequence[Item]) -> Reply:
        """Send items, and return what came back."""


@dataclass(frozen=True)
class AgentCall:
    name: str
    arguments: Any
    executed: bool
    output: str | None


@dataclass(kw_only=True)
class AgentAnswer:
    """`stopped`: a call waits for its output, and there is no answer."""

    agent: str
    version: str
    conversation: str
    answer: str = field(default="", metadata=KEEPS_LINES)
    calls: list[AgentCall] = field(default_factory=list)
    stopped: bool = False
    usage: Usage | None = None
    usd: float | None = None

    def summary(self) -> str:
        lines = [f"  {each.name}({json.dumps(each.arguments, ensure_ascii=False)})" for each in self.calls]
        if self.stopped:
            lines.append(STEPS.format(conversation=self.conversation))
        usage = [f"  {self.usage.input:,} tokens in, {self.usage.output:,} out"] if self.usage else []
        return "\n".join(
            [*([self.answer] if self.answer else []), *lines, *usage, f"  conversation {self.conversation}"]
        )


@dataclass(frozen=True)
class Runner:
    """What runs functions: `tools` with code here; `ask_person` gets other outputs, None where nobody is there."""

    tools: Sequence[Tool]
    context: Context
    execute: bool = True
    ask_person: Callable[[Call], str] | None = None

    def can_run(self, call: Call) -> bool:
        tool = next((each for each in self.tools if each.name == call.name), None)
        has_code = tool is None or tool.run is not None  # an unknown one is answered: there is none of that name
        return self.execute and (has_code or self.ask_person is not None)

    def run(self, call: Call) -> str:
        tool = next((each for each in self.tools if each.name == call.name), None)
        if tool is not None and tool.run is None and self.ask_person:
            return self.ask_person(call)
        return call_tool([each for each in self.tools if each.run], self.context, call.name, call.arguments).output


def ask_agent(agent: str, session: Session, question: str, runner: Runner) -> AgentAnswer:
    """Ask, run the functions, and answer. Calls that an earlier question left open are closed first.

    Raises JobError where the agent asks on and on.
    """
    answer = AgentAnswer(agent=agent, version=session.version, conversation=session.conversation)
    items: list[Item] = [output_item(call_id, NOT_RUN) for call_id in session.open_calls()]
    items.append(user_item(question))
    while True:
        reply = session.send(items)
        if reply.usage:
            answer.usage = (answer.usage or Usage()) + reply.usage
        answer.answer = clean_text(reply.text)
        if not reply.calls:
            return answer
        if len(answer.calls) >= MOST_CALLS:
            raise JobError(f"The agent asked for more than {MOST_CALLS} calls and gave no answer: ask again.")
        if not all(runner.can_run(call) for call in reply.calls):
            answer.calls += [AgentCall(call.name, parse(call), False, None) for call in reply.calls]
            answer.stopped = True
            return answer
        outputs = [(call, runner.run(call)) for call in reply.calls]
        answer.calls += [AgentCall(call.name, parse(call), True, output) for call, output in outputs]
        items = [output_item(call.call_id, output) for call, output in outputs]


def parse(call: Call) -> Any:
    """The arguments as a value; as text where they are not JSON."""
    try:
        return json.loads(call.arguments)
    except (ValueError, RecursionError):
        return call.arguments
