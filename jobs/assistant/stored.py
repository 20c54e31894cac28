"""chat stored: answers that the service keeps because of --store.

The service lists stored chat completions; of the Responses API it lists none, so their ids are kept here.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from jobs.azure.openai import Connection, check_id, open_client
from jobs.azure.openai_refusal import translate_refusals
from jobs.lines import KEEPS_LINES
from jobs.state import exclusive_lock, state_folder, write_atomically

KEPT = 500
LISTED = "`chat stored list`"


@dataclass(frozen=True)
class StoredAnswer:
    """`host` is where it is stored; `question` its beginning, where it is known."""

    id: str
    host: str
    deployment: str
    question: str
    metadata: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class StoredList:
    stored: list[StoredAnswer]

    def summary(self) -> str:
        lines = [
            f"{each.id}  {each.deployment}  {each.question} {each.metadata or ''}".rstrip() for each in self.stored
        ]
        return "\n".join(lines) or "No answer is stored there: --store stores one."


@dataclass(frozen=True, kw_only=True)
class ShownAnswer:
    id: str
    answer: str = field(metadata=KEEPS_LINES)
    model: str

    def summary(self) -> str:
        return f"{self.id}, {self.model}\n{self.answer}"


@dataclass(frozen=True, kw_only=True)
class Forgotten:
    forgotten: str

    def summary(self) -> str:
        return f"The service has deleted {self.forgotten}."


def stored_file() -> Path:
    return state_folder() / "stored_answers.json"


def read_stored() -> list[StoredAnswer]:
    try:
        return [StoredAnswer(**each) for each in json.loads(stored_file().read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError):
        return []


def change_stored(add: StoredAnswer | None = None, remove: str = "") -> None:
    """Add an answer to the ids that are kept here, or remove one."""
    with exclusive_lock("stored_answers.lock", "Another command has been writing the list of stored answers"):
        kept = [each for each in read_stored() if each.id != remove]
        kept += [add] if add else []
        write_atomically(stored_file(), json.dumps([asdict(each) for each in kept[-KEPT:]], indent=1))


def remember(connection: Connection, deployment: str, answer: Any, metadata: Mapping[str, str]) -> None:
    """Keep the id of an answer of the Responses API that was stored just now."""
    if answer.response_id and answer.engine == "responses":
        question = " ".join(answer.question.split())[:80]
        change_stored(StoredAnswer(answer.response_id, connection.host, deployment, question, dict(metadata)))


def list_stored(connection: Connection, metadata: Mapping[str, str]) -> StoredList:
    """The answers stored at a host, with that metadata."""
    own = [each for each in read_stored() if each.host == connection.host]
    with translate_refusals(connection, "stored answers"), open_client(connection) as client:
        labels = {"metadata": dict(metadata)} if metadata else {}
        listed = [
            StoredAnswer(each.id, connection.host, each.model, "", dict(getattr(each, "metadata", None) or {}))
            for each in client.chat.completions.list(**labels)  # type: ignore[arg-type]
        ]
    return StoredList(stored=[each for each in own if metadata.items() <= each.metadata.items()] + listed)


def show_stored(connection: Connection, answer_id: str) -> ShownAnswer:
    """One stored answer. Raises JobError where the service has none of that id."""
    with translate_refusals(connection, check_id(answer_id, "an answer", LISTED)), open_client(connection) as client:
        if answer_id.startswith("resp"):
            response = client.responses.retrieve(answer_id)
            return ShownAnswer(id=answer_id, answer=response.output_text, model=str(response.model))
        completion = client.chat.completions.retrieve(answer_id)
        return ShownAnswer(id=answer_id, answer=completion.choices[0].message.content or "", model=completion.model)


def forget_stored(connection: Connection, answer_id: str) -> Forgotten:
    """Delete one stored answer at the service. Raises JobError where it has none of that id."""
    with translate_refusals(connection, check_id(answer_id, "an answer", LISTED)), open_client(connection) as client:
        if answer_id.startswith("resp"):
            client.responses.delete(answer_id)
        else:
            client.chat.completions.delete(answer_id)
    change_stored(remove=answer_id)
    return Forgotten(forgotten=answer_id)
