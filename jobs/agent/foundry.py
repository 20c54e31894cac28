"""Agents in Foundry, by azure-ai-projects: versions, one vector store an agent, conversations.

https://learn.microsoft.com/azure/ai-foundry/agents. The SDK's own OpenAI client ignores HTTPS_PROXY: ours is used.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from azure.ai.projects import AIProjectClient
from azure.core.exceptions import ResourceNotFoundError

from jobs.agent.definition import AgentDefinition
from jobs.agent.foundry_files import delete_files, sync_files
from jobs.agent.functions import SHIPPED
from jobs.assistant.conversation import Event, Item
from jobs.assistant.responses import read_reply
from jobs.azure.errors import translate_errors
from jobs.azure.login import credential
from jobs.azure.openai import PROJECT_SCOPE, Connection, check_id, open_client
from jobs.azure.openai_refusal import translate_refusals
from jobs.errors import ErrorKind, JobError
from jobs.target import Target
from jobs.tools.tool import Tool

ROLE = "Azure AI User"


def project_connection(target: Target, stack: str) -> Connection:
    """OpenAI's API of the project. Raises JobError for a stack without one."""
    if not target.project_url:
        raise JobError(f"The stack {stack} has no output project_url: run `pulumi up`.", ErrorKind.not_found)
    return Connection(f"{target.project_url.rstrip('/')}/openai/v1/", PROJECT_SCOPE, stack)


@contextmanager
def open_project(target: Target) -> Iterator[AIProjectClient]:
    """The project's client; its errors are sentences."""
    with (
        translate_errors("the agents of the project", ROLE),
        AIProjectClient(target.project_url, credential()) as client,
    ):
        yield client


def save_version(target: Target, stack: str, definition: AgentDefinition) -> tuple[str, bool]:
    """Make the agent, or its next version, unless the last one is equal; returns the version, and whether it is new."""
    connection = project_connection(target, stack)
    store = [sync_files(connection, definition)] if definition.files else []
    wanted = build_definition(definition, store)
    with open_project(target) as client:
        found = read_latest(client, definition.name)
        is_new = not (found and is_equal(found, wanted, definition.description))
        if is_new:
            found = client.agents.create_version(definition.name, definition=wanted, description=definition.description)
    if not definition.files:
        delete_files(connection, definition.name)  # those of an earlier version, which Azure bills
    return str(found.version), is_new


def read_latest(client: AIProjectClient, name: str) -> Any:
    """The newest version of an agent, None where there is none."""
    try:
        return client.agents.get(name).versions.latest
    except ResourceNotFoundError:
        return None


def is_equal(latest: Any, wanted: Any, description: str) -> bool:
    """Whether Foundry has what the file says. What it adds by itself does not count."""
    found = latest.definition.as_dict()
    return (latest.description or "") == description and includes(found, wanted.as_dict())


def includes(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(includes(found.get(key), value) for key, value in wanted.items())
    if isinstance(wanted, list):
        same = isinstance(found, list) and len(found) == len(wanted)
        return same and all(map(includes, found, wanted))
    return bool(found == wanted)


def build_definition(definition: AgentDefinition, stores: list[str]) -> Any:
    """The definition as Foundry has it."""
    from azure.ai.projects.models import (
        AutoCodeInterpreterToolParam,
        CodeInterpreterTool,
        FileSearchTool,
        FunctionTool,
        PromptAgentDefinition,
        Reasoning,
    )

    tools: list[Any] = [
        FunctionTool(
            name=each.name, description=each.description, parameters=dict(each.parameters), strict=each.is_strict
        )
        for each in definition.functions
    ]
    tools += [FileSearchTool(vector_store_ids=stores)] if stores else []
    tools += [CodeInterpreterTool(container=AutoCodeInterpreterToolParam())] if definition.code_interpreter else []
    given: dict[str, Any] = {name: value for name, value in definition.parameters().items() if name != "reasoning"}
    if definition.reasoning:
        given["reasoning"] = Reasoning(effort=definition.reasoning)
    if tools:
        given["tools"] = tools
    return PromptAgentDefinition(model=definition.model, instructions=definition.instructions, **given)


def defined_functions(latest: Any) -> list[Tool]:
    """The functions of an agent's version: those that this project ships have code."""
    found = [each for each in latest.definition.as_dict().get("tools", []) if each.get("type") == "function"]
    return [
        SHIPPED.get(each["name"], Tool(each["name"], each.get("description", ""), each.get("parameters") or {}, None))
        for each in found
    ]


def delete_agent(target: Target, stack: str, name: str) -> None:
    """Delete the agent, and its vector store with the files, also without an agent. Raises JobError without both."""
    had_files = delete_files(project_connection(target, stack), name)
    with open_project(target) as client:
        if read_latest(client, name) is not None:
            client.agents.delete(name)
        elif not had_files:
            raise JobError(f"There is no agent {name} in {stack}: `agent list` shows them.", ErrorKind.not_found)


@dataclass
class FoundrySession:
    """A conversation that Foundry keeps. Only the reference is sent: the agent defines all else.

    `first` is the first request, and `given` the conversation that it went on with, "" for a new one.
    """

    connection: Connection
    agent: str
    version: str
    conversation: str = ""
    stream: bool = False
    waiting: list[str] = field(default_factory=list)
    first: dict[str, Any] = field(default_factory=dict)
    given: str = ""

    def __post_init__(self) -> None:
        self.given = self.conversation
        with translate_refusals(self.connection, self.agent), open_client(self.connection) as client:
            if not self.conversation:
                self.conversation = client.conversations.create().id
                return
            known = check_id(self.conversation, "a conversation", "`agent chat`")
            items = list(client.conversations.items.list(known))
        answered = {item.call_id for item in items if item.type == "function_call_output"}
        called = [item.call_id for item in items if item.type == "function_call"]
        self.waiting = [call_id for call_id in called if call_id not in answered]

    def open_calls(self) -> list[str]:
        return self.waiting

    def send(self, items: Sequence[Item]) -> Iterator[Event]:
        """Send items into the conversation, and yield what the agent answers."""
        reference = {"agent_reference": {"name": self.agent, "type": "agent_reference"}}
        body: dict[str, Any] = {"input": list(items), "extra_body": reference}
        body |= {"stream": True} if self.stream else {}
        self.first = self.first or body
        with translate_refusals(self.connection, self.agent), open_client(self.connection) as client:
            yield from read_reply(client, body | {"conversation": self.conversation})
