"""The files of an agent in Foundry: one vector store an agent, found again by its name, deleted with it."""

import hashlib

from jobs.agent.definition import AgentDefinition
from jobs.azure.openai import Connection, open_client
from jobs.azure.openai_refusal import translate_refusals
from jobs.documents.read import find_documents
from jobs.errors import ErrorKind, JobError


def store_name(agent: str) -> str:
    return f"agent-{agent}"


def sync_files(connection: Connection, definition: AgentDefinition) -> str:
    """Make the agent's vector store hold its files as they are now; returns its id. It is found again by its name.

    A file is known by a hash of agent and content, which its name begins with: one that was uploaded and not added is
    used. Each agent has its own: it is deleted with it.
    """
    wanted = {}
    for name, path in find_documents(definition.files):
        data = path.read_bytes()
        digest = hashlib.sha256(definition.name.encode() + b"\0" + data).hexdigest()
        wanted[f"{digest[:16]}-{name.replace('/', '_')}"] = data
    with translate_refusals(connection, definition.name), open_client(connection) as client:
        stores = [each for each in client.vector_stores.list() if each.name == store_name(definition.name)]
        store = stores[0] if stores else client.vector_stores.create(name=store_name(definition.name))
        uploaded = {each.filename: each.id for each in client.files.list(purpose="assistants")}
        inside = {each.id for each in client.vector_stores.files.list(store.id)}
        for filename, data in wanted.items():
            if filename not in uploaded:
                uploaded[filename] = client.files.create(file=(filename, data), purpose="assistants").id
            if uploaded[filename] not in inside:
                added = client.vector_stores.files.create_and_poll(uploaded[filename], vector_store_id=store.id)
                if added.status == "failed":
                    client.vector_stores.files.delete(added.id, vector_store_id=store.id)
                    reason = added.last_error.message if added.last_error else "no reason given"
                    sentence = f"Foundry cannot search {filename} ({reason}): take it out of `files`."
                    raise JobError(sentence, ErrorKind.invalid)
        for file_id in inside - {uploaded[filename] for filename in wanted}:
            client.vector_stores.files.delete(file_id, vector_store_id=store.id)
            client.files.delete(file_id)
        return store.id


def delete_files(connection: Connection, name: str) -> bool:
    """Delete an agent's vector store with its files; returns whether there was one."""
    with translate_refusals(connection, name), open_client(connection) as client:
        stores = [each for each in client.vector_stores.list() if each.name == store_name(name)]
        for store in stores:
            for file in list(client.vector_stores.files.list(store.id)):
                client.files.delete(file.id)
            client.vector_stores.delete(store.id)
    return bool(stores)
