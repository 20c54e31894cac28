"""Chat with the endpoint through a connection: one question, or a conversation whose turns are sent along."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from jobs.finetune.results import ChatResult
from jobs.finetune.runner import Connection, request_body

RESET, EXIT = "/reset", "/exit"


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How to answer: the system's text, "" for none, the length and the temperature."""

    system: str = ""
    max_new_tokens: int = 128
    temperature: float = 0.7


@dataclass
class Chat:
    """A conversation. `ask` sends a request: it takes body and connection, and returns the answer and who gave it."""

    connection: Connection
    manner: Manner
    send: Callable[[Connection, dict[str, object]], tuple[str, str]]
    turns: list[dict[str, str]] = field(default_factory=list)

    def ask(self, question: str) -> ChatResult:
        """Ask with the turns before. Raises JobError: the question is then not a part of the conversation."""
        system = [{"role": "system", "content": self.manner.system}] if self.manner.system else []
        asked = {"role": "user", "content": question}
        parameters = {"max_new_tokens": self.manner.max_new_tokens, "temperature": self.manner.temperature}
        started = time.monotonic()
        answer, deployment = self.send(self.connection, request_body([*system, *self.turns, asked], parameters))
        if answer.strip():  # an empty turn would make the next request an error
            self.turns += [asked, {"role": "assistant", "content": answer}]
        return ChatResult(answer=answer, deployment=deployment, seconds=round(time.monotonic() - started, 3))

    def talk(self, lines: Iterable[str], say: Callable[[str], None]) -> None:
        """Answer each line until /exit; /reset forgets the turns before."""
        for line in lines:
            question = line.strip()
            if question == EXIT:
                return
            if question == RESET:
                self.turns.clear()
                say("Forgotten.")
            elif question:
                say(self.ask(question).answer)
