"""The conversations of the chat page: one for each browser, in memory only."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, Protocol

from jobs.errors import ErrorKind, JobError
from jobs.target import Target

MOST_TALKS, MOST_EXCHANGES = 16, 100
BUSY = "Your last question is still being answered: wait until that has ended."


class Conversation(Protocol):
    """What the page needs of a conversation of `jobs/assistant`, which it does not import."""

    engine: Any

    def ask(self, question: str, show: Callable[[str], None]) -> Any:
        """The answer; `show` gets its text as it comes. Raises JobError."""


@dataclass
class Exchange:
    """A question, and what came of it: `text` as it comes, then the answer or an error."""

    question: str
    text: str = ""
    answer: Any = None
    error: str = ""


@dataclass
class Talk:
    """A conversation about one target. One question at a time."""

    conversation: Conversation
    target: Target
    exchanges: list[Exchange] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def ask(self, question: str) -> Iterator[str]:
        """The parts of the answer as they come. It is completed and kept even if nobody takes them. Raises JobError."""
        if not self._lock.acquire(blocking=False):
            raise JobError(BUSY, ErrorKind.conflict)
        exchange = Exchange(question)
        self.exchanges = [*self.exchanges, exchange][-MOST_EXCHANGES:]
        parts: SimpleQueue[str | None] = SimpleQueue()
        Thread(target=self._answer, args=(exchange, parts), name="answer", daemon=True).start()
        return iter(parts.get, None)

    def _answer(self, exchange: Exchange, parts: "SimpleQueue[str | None]") -> None:
        def show(part: str) -> None:
            exchange.text += part
            parts.put(part)

        try:
            exchange.answer = self.conversation.ask(exchange.question, show)
        except JobError as error:
            exchange.error = str(error)
        except Exception as error:  # the page must say it: nobody sees the thread's end
            exchange.error = f"That is a fault of the application ({type(error).__name__}): please report it."
        finally:
            self._lock.release()
            parts.put(None)

    @property
    def receiver(self) -> str:
        """The host that gets the text; "" where nothing leaves this computer."""
        connection = self.conversation.engine.connection
        return "" if connection is None or connection.is_loopback else connection.host


class Talks:
    """The latest MOST_TALKS conversations, by browser. `open_conversation` is that of the command line."""

    def __init__(self, open_conversation: Callable[[], Conversation]) -> None:
        self._open, self._lock = open_conversation, Lock()
        self._kept: OrderedDict[str, Talk] = OrderedDict()

    def find(self, browser: str, target: Target) -> Talk:
        """The conversation of a browser; a new one for another target. Raises JobError."""
        with self._lock:
            talk = self._kept.get(browser)
            if talk is None or talk.target != target:
                talk = self._kept[browser] = Talk(self._open(), target)
            self._kept.move_to_end(browser)
            while len(self._kept) > MOST_TALKS:
                self._kept.popitem(last=False)
            return talk

    def forget(self, browser: str) -> None:
        """Begin again."""
        with self._lock:
            self._kept.pop(browser, None)
