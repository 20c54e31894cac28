"""agent create, list, show, chat, delete: in Foundry for a stack, in the state folder for this laptop."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jobs.agent import local
from jobs.agent.definition import AgentDefinition, check_name, read_definition
from jobs.agent.files import delete_documents, sync_documents
from jobs.lines import KEEPS_LINES
from jobs.target import Target
from jobs.terminal import log

BILLED = (
    "Azure bills what an agent adds: file search by the size of its vector store and the days that it exists, the code "
    "interpreter by the session: https://azure.microsoft.com/pricing/details/foundry-agent-service/"
)
NO_INTERPRETER = "The code interpreter is Foundry's: on this laptop the agent works without it."


@dataclass(frozen=True)
class Place:
    """Where agents live: `target` is a stack's, or the laptop's."""

    target: Target
    stack: str

    @property
    def is_local(self) -> bool:
        return self.target.pipeline_runner == "local"


@dataclass(frozen=True, kw_only=True)
class CreatedAgent:
    name: str
    version: str
    tools: list[str]
    files: list[str]
    created: bool

    def summary(self) -> str:
        state = "is new" if self.created else "is as it was: nothing changed"
        return f"The agent {self.name}, version {self.version}, {state}. Tools: {', '.join(self.tools) or 'none'}"


@dataclass(frozen=True)
class ListedAgent:
    name: str
    version: str


@dataclass(frozen=True, kw_only=True)
class AgentList:
    agents: list[ListedAgent]

    def summary(self) -> str:
        return "\n".join(f"{each.name}, version {each.version}" for each in self.agents) or "There is no agent yet."


@dataclass(frozen=True, kw_only=True)
class ShownAgent:
    name: str
    version: str
    definition: dict[str, Any] = field(metadata=KEEPS_LINES)

    def summary(self) -> str:
        return f"{self.name}, version {self.version}\n{json.dumps(self.definition, indent=2, ensure_ascii=False)}"


@dataclass(frozen=True, kw_only=True)
class DeletedAgent:
    deleted: str

    def summary(self) -> str:
        return f"Deleted the agent {self.deleted}, its versions, its files and its conversations here."


def create_agent(place: Place, name: str, file: Path) -> CreatedAgent:
    """Make an agent, or its next version; nothing where it is equal. Raises JobError."""
    definition = read_definition(name, file)
    if place.is_local:
        if definition.code_interpreter:
            log(NO_INTERPRETER)
        sync_documents(place.target, definition, file.parent.resolve())
        version, created = local.save_version(definition)
    else:
        from jobs.agent import foundry

        if definition.files or definition.code_interpreter:
            log(BILLED)
        version, created = foundry.save_version(place.target, place.stack, definition)
    files = [path.as_posix() for path in definition.files]
    return CreatedAgent(name=name, version=version, tools=definition.tool_names(), files=files, created=created)


def list_agents(place: Place) -> AgentList:
    """Every agent, by name."""
    if place.is_local:
        return AgentList(agents=[ListedAgent(name, local.read_latest(name)[1]) for name in local.list_names()])
    from jobs.agent import foundry

    with foundry.open_project(place.target) as client:
        found = [ListedAgent(str(each.name), str(each.versions.latest.version)) for each in client.agents.list()]
    return AgentList(agents=sorted(found, key=lambda each: each.name))


def show_agent(place: Place, name: str) -> ShownAgent:
    """The newest version of an agent. Raises JobError."""
    if place.is_local:
        definition, version = local.read_version(name)
        return ShownAgent(name=name, version=version, definition=local.as_json(definition))
    latest = require_latest(place, name)
    return ShownAgent(name=name, version=str(latest.version), definition=latest.definition.as_dict())


def require_latest(place: Place, name: str) -> Any:
    """The newest version in Foundry. Raises JobError where there is no such agent."""
    from jobs.agent import foundry
    from jobs.errors import ErrorKind, JobError

    with foundry.open_project(place.target) as client:
        latest = foundry.read_latest(client, check_name(name))
    if latest is None:
        raise JobError(f"There is no agent {name} in {place.stack}: `agent list` shows them.", ErrorKind.not_found)
    return latest


def delete_agent(place: Place, name: str) -> DeletedAgent:
    """Delete an agent with its files. Raises JobError where there is none."""
    if place.is_local:
        delete_documents(place.target, name)
        local.delete_agent(name)
    else:
        from jobs.agent import foundry

        foundry.delete_agent(place.target, place.stack, check_name(name))
    return DeletedAgent(deleted=name)


__all__ = ["AgentDefinition", "Place", "create_agent", "delete_agent", "list_agents", "show_agent"]
