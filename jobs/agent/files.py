"""The files of a laptop's agent: a collection of their own, which is what Foundry's vector store is there."""

from pathlib import Path

from jobs.agent.definition import AgentDefinition
from jobs.agent.local import had_files
from jobs.documents.add import AddOptions, add_documents
from jobs.documents.manage import keep_documents
from jobs.documents.read import find_documents
from jobs.documents.vectors import EmbedChoice
from jobs.target import Target
from jobs.terminal import log


def collection_of(agent: str) -> str:
    return f"agent-{agent}"


def sync_documents(target: Target, definition: AgentDefinition, root: Path) -> None:
    """Make the agent's collection hold its files as they are now. What cannot be read is said.

    The model that finds passages is the best one that is there now: another one computes all of them again.
    """
    name = collection_of(definition.name)
    if definition.files:
        options = AddOptions(collection=name, choice=EmbedChoice(None, None, is_stack=False), replace=True, root=root)
        for each in add_documents(target, definition.files, options).failed:
            log(f"{each.path}: {each.reason}")
    if definition.files or had_files(definition.name):
        keep_documents(target, name, [file for file, _ in find_documents(definition.files, root)])


def delete_documents(target: Target, agent: str) -> None:
    """Empty the agent's collection."""
    if had_files(agent):
        keep_documents(target, collection_of(agent), [])
