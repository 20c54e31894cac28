"""Agents of this laptop: versions and conversations in the state folder, answered by a server of the user's."""

import json
import shutil
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jobs.agent.definition import AgentDefinition, check_name, parse_definition
from jobs.assistant.conversation import Done, Event, Item, Turn
from jobs.assistant.responses import Responses
from jobs.errors import ErrorKind, JobError
from jobs.state import exclusive_lock, state_folder, write_atomically
from jobs.tools import search_documents
from jobs.tools.tool import Tool

BUSY = "Another command has been writing this agent"


def folder_of(name: str) -> Path:
    return state_folder() / "agents" / check_name(name)


def list_names() -> list[str]:
    folder = state_folder() / "agents"
    return sorted(each.name for each in folder.iterdir() if list_versions(each)) if folder.is_dir() else []


def list_versions(folder: Path) -> list[int]:
    return sorted(int(file.stem) for file in folder.glob("*.json") if file.stem.isdecimal())


def save_version(definition: AgentDefinition) -> tuple[str, bool]:
    """Keep a definition as the next version, unless it equals the last; returns the version, and whether it is new."""
    folder, content = folder_of(definition.name), as_json(definition)
    with exclusive_lock("agents.lock", BUSY):
        versions = list_versions(folder)
        if versions and json.loads((folder / f"{versions[-1]}.json").read_text(encoding="utf-8")) == content:
            return str(versions[-1]), False
        number = (versions[-1] if versions else 0) + 1
        write_atomically(folder / f"{number}.json", json.dumps(content, indent=1))
    return str(number), True


def as_json(definition: AgentDefinition) -> dict[str, Any]:
    """The definition as agent.yaml would have it."""
    functions = [
        tool.name if tool.run else {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
        for tool in definition.functions
    ]
    content: dict[str, Any] = {
        "instructions": definition.instructions,
        "description": definition.description,
        "model": definition.model,
        **definition.parameters(),
        "files": [str(path.resolve()) for path in definition.files],
        "code_interpreter": definition.code_interpreter,
        "functions": functions,
    }
    return json.loads(json.dumps(content))  # type: ignore[no-any-return]


def read_latest(name: str) -> tuple[dict[str, Any], str]:
    """The newest version of an agent as it is kept, and its number. Raises JobError where there is none."""
    folder = folder_of(name)
    versions = list_versions(folder) if folder.is_dir() else []
    if not versions:
        others = ", ".join(list_names()) or "none"
        raise JobError(f"There is no agent {name} on this laptop. The agents are: {others}.", ErrorKind.not_found)
    return json.loads((folder / f"{versions[-1]}.json").read_text(encoding="utf-8")), str(versions[-1])


def read_version(name: str) -> tuple[AgentDefinition, str]:
    """The newest version of an agent. Raises JobError where there is none, or a file of it is gone."""
    value, number = read_latest(name)
    try:
        return parse_definition(name, value, Path()), number
    except ValueError as error:
        raise JobError(f"The agent {name} cannot be used: {error}; create it again.", ErrorKind.invalid) from error


def had_files(name: str) -> bool:
    """Whether the newest version of an agent names files; False where there is none."""
    return name in list_names() and bool(read_latest(name)[0]["files"])


def delete_agent(name: str) -> None:
    """Delete every version and conversation. Raises JobError where there is no such agent."""
    read_latest(name)
    with exclusive_lock("agents.lock", BUSY):
        shutil.rmtree(folder_of(name))


@dataclass
class LocalSession:
    """A conversation in a file. Every item is kept as it came, and all of them are sent each time."""

    definition: AgentDefinition
    version: str
    answerer: Responses
    model: str
    conversation: str = ""
    stream: bool = False
    items: list[Item] = field(default_factory=list)
    first: Turn | None = None

    def __post_init__(self) -> None:
        if not self.conversation:
            self.conversation = f"conv_{uuid.uuid4().hex}"
            return
        if not self.file.is_file():
            name = self.definition.name
            raise JobError(f"There is no conversation {self.conversation[:80]} with {name}.", ErrorKind.not_found)
        self.items = json.loads(self.file.read_text(encoding="utf-8"))

    @property
    def file(self) -> Path:
        name = "".join(each for each in self.conversation if each.isalnum() or each == "_")
        return folder_of(self.definition.name) / "conversations" / f"{name}.json"

    def open_calls(self) -> list[str]:
        answered = {item["call_id"] for item in self.items if item.get("type") == "function_call_output"}
        called = [item["call_id"] for item in self.items if item.get("type") == "function_call"]
        return [call_id for call_id in called if call_id not in answered]

    def send(self, items: Sequence[Item]) -> Iterator[Event]:
        """Ask the model with the whole conversation, and keep what came, once it has come to its end."""
        turn = Turn(
            model=self.model,
            instructions=self.definition.instructions,
            items=[*self.items, *items],
            tools=agent_tools(self.definition),
            parameters=self.definition.parameters(),
            stream=self.stream,
        )
        self.first = self.first or turn
        came: list[Item] = []
        for event in self.answerer(turn):
            came += event.items if isinstance(event, Done) else []
            yield event
        self.items = [*turn.items, *came]
        write_atomically(self.file, json.dumps(self.items))

    def first_turn(self) -> Turn:
        """The first request, as the model took it. Raises JobError where nothing was asked."""
        if self.first is None:
            raise JobError("There is no question yet.", ErrorKind.invalid)
        return self.answerer.learned.apply(self.first)


def agent_tools(definition: AgentDefinition) -> list[Tool]:
    """The functions, and a search in place of Foundry's file search where the agent has files."""
    return [*definition.functions, *([search_documents.TOOL] if definition.files else [])]
