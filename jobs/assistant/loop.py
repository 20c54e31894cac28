"""Ask an answerer, run the tools that it asks for, and ask again, until it answers. It knows none of the answerers."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from jobs.assistant.conversation import Answerer, Call, Done, Dropped, Event, Item, Text, Turn, Usage, output_item
from jobs.errors import ErrorKind, JobError
from jobs.tools.call import Called, call_tool
from jobs.tools.tool import Context

MOST_CALLS = 8  # a question
NOT_RUN = '{"error": "Not run: a question has at most 8 calls. Answer with what you have."}'


@dataclass
class Answered:
    """What a question led to. `items` are all that the next question sends again, after those of the turn."""

    text: str = ""
    items: list[Item] = field(default_factory=list)
    calls: list[Called] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)
    usage: Usage | None = None
    response_id: str | None = None
    model: str | None = None
    stopped: str = ""


def answer_turn(
    answerer: Answerer, turn: Turn, context: Context, show: Callable[[str], None], before: Callable[[Turn], None]
) -> Answered:
    """Answer a turn. `show` gets the text as it comes, `before` every request: it may raise to stop paying.

    All calls of a reply are answered before the next request. Raises JobError where the answerer does, or asks on and
    on.
    """
    answered = Answered()
    while True:
        current = replace(turn, items=[*turn.items, *answered.items])
        before(current)
        calls = take_events(answerer(current), answered, show)
        if not calls:
            return answered
        if len(answered.calls) >= MOST_CALLS:
            raise JobError(f"The model asked for more than {MOST_CALLS} tool calls and gave no answer: ask again.")
        answered.items += [answer_call(call, turn, context, answered) for call in calls]


def take_events(events: Iterable[Event], answered: Answered, show: Callable[[str], None]) -> list[Call]:
    """Read one reply to its end; returns the calls in it."""
    calls: list[Call] = []
    for event in events:
        if isinstance(event, Text):
            answered.text += event.text
            show(event.text)
        elif isinstance(event, Call):
            calls.append(event)
        elif isinstance(event, Dropped):
            if event.parameter not in [each.parameter for each in answered.dropped]:
                answered.dropped.append(event)
        elif isinstance(event, Done):
            take_end(event, answered)
    return calls


def take_end(done: Done, answered: Answered) -> None:
    answered.items += done.items
    if done.usage:
        answered.usage = (answered.usage or Usage()) + done.usage
    answered.response_id = done.response_id or answered.response_id
    answered.model = done.model or answered.model
    answered.stopped = done.stopped


def answer_call(call: Call, turn: Turn, context: Context, answered: Answered) -> Item:
    """The output of one call. Those beyond the limit are answered too, without running: an open call is an error."""
    if len(answered.calls) >= MOST_CALLS:
        return output_item(call.call_id, NOT_RUN)
    called = call_tool(turn.tools, context, call.name, call.arguments)
    answered.calls.append(called)
    return output_item(call.call_id, called.output)


def last_question(items: Sequence[Item]) -> str:
    """The text of the newest message of the user."""
    for item in reversed(items):
        if item.get("role") == "user":
            return str(item["content"])
    raise JobError("There is no question.", ErrorKind.invalid)
