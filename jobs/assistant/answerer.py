"""What the answerers that ask a model have in common: how a turn is sent, and what is kept of a reply that was cut."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from jobs.assistant.conversation import Done, Event, Text, Turn, assistant_item
from jobs.assistant.parameters import Learned, send_without_refused
from jobs.assistant.stopped import CUT
from jobs.azure.openai import Connection, open_client
from jobs.azure.openai_refusal import CutError, translate_refusals


@dataclass(frozen=True)
class ModelAnswerer:
    """Answers turns at a connection."""

    connection: Connection
    learned: Learned = field(default_factory=Learned)

    def __call__(self, turn: Turn) -> Iterator[Event]:
        return send_without_refused(turn, self.send, self.learned)

    def send(self, turn: Turn) -> Iterator[Event]:
        """The events of one request. What came before the connection broke is kept, and marked."""
        text = ""
        try:
            with translate_refusals(self.connection, turn.model), open_client(self.connection) as client:
                for event in self.request(client, turn):
                    text += event.text if isinstance(event, Text) else ""
                    yield event
        except CutError:
            if not text:
                raise
            yield Done([assistant_item(text)], stopped=CUT)

    def request(self, client: Any, turn: Turn) -> Iterator[Event]:
        """Send one request, and read its events."""
        raise NotImplementedError


def read_whole(reply: Any) -> Mapping[str, Any] | None:
    """The body of a raw reply that came whole though a stream was asked for, as some servers do; None for a stream."""
    if "json" not in reply.headers.get("content-type", ""):
        return None
    body: Mapping[str, Any] = json.loads(reply.http_response.read())
    return body
