"""The connection of the stack's Foundry project: the endpoint's URL and key, which applications read by identity.

https://learn.microsoft.com/rest/api/aiservices/accountmanagement/project-connections
"""

from azure.core.exceptions import ResourceNotFoundError

from jobs.azure import api_versions
from jobs.azure.arm import wait_for_operation
from jobs.azure.login import credential
from jobs.errors import ErrorKind, JobError
from jobs.finetune.azure.endpoint import endpoint_name, read_endpoint
from jobs.finetune.azure.workspace import Workspace, quiet, refusals, value_of
from jobs.finetune.results import ConnectResult
from jobs.finetune.runner import Connection
from jobs.terminal import log

KIND = "CustomKeys"
MARK = "madeBy"
NO_ENDPOINT = "There is no endpoint: `python -m jobs finetune deploy --target {stack}` makes it."
NONE = "There is no connection {name}: `python -m jobs finetune connect {name} --target {stack}` makes it."


def connections_path(workspace: Workspace) -> str:
    target = workspace.target
    group = f"/subscriptions/{target.subscription_id}/resourceGroups/{target.resource_group}"
    account = f"{group}/providers/Microsoft.CognitiveServices/accounts/{target.foundry_account}"
    return f"{account}/projects/{target.foundry_project}/connections"


def read_key(workspace: Workspace) -> tuple[str, str]:
    """The endpoint's URL and its first key. Raises JobError without an endpoint."""
    endpoint = read_endpoint(workspace)
    if endpoint is None:
        raise JobError(NO_ENDPOINT.format(stack=workspace.stack), ErrorKind.not_found)
    with refusals(workspace, "the key of the endpoint"), quiet():
        keys = workspace.client.online_endpoints.get_keys(endpoint_name(workspace))
    return endpoint.url, str(keys.primary_key)


def connect(workspace: Workspace, name: str, rotate: bool) -> ConnectResult:
    """Write URL and key to the project's connection; `rotate` renews the key first. Raises JobError.

    Killed after the new key, the same command, with --rotate or without, writes the key that counts.
    """
    url, key = read_key(workspace)
    if rotate:
        log("Renewing the endpoint's key: the old one ends at once")
        with refusals(workspace, "to renew the key"), quiet():
            keys = workspace.client.online_endpoints
            wait_for_operation(keys.begin_regenerate_keys(endpoint_name(workspace), key_type="primary"))
        url, key = read_key(workspace)
    properties = {
        "authType": KIND,
        "category": KIND,
        "target": url,
        "isSharedToAll": True,
        "metadata": {MARK: "finetune"},
        "credentials": {"keys": {"endpoint": url, "key": key}},
    }
    with refusals(workspace, f"to write the connection {name}"):
        path = f"{connections_path(workspace)}/{name}"
        workspace.arm.put(path, api_versions.PROJECT_CONNECTIONS, {"properties": properties})
    return ConnectResult(connection=name, endpoint=url, rotated=rotate)


def read_connection(workspace: Workspace, name: str) -> Connection:
    """A connection of the project with its key. Raises JobError (not_found)."""
    from azure.ai.projects import AIProjectClient

    with refusals(workspace, f"the connection {name}"):
        try:
            with AIProjectClient(workspace.target.project_url, credential()) as client:
                found = client.connections.get(name, include_credentials=True)
        except ResourceNotFoundError as error:
            reason = NONE.format(name=name, stack=workspace.stack)
            raise JobError(reason, ErrorKind.not_found) from error
    keys = getattr(found.credentials, "credential_keys", {})
    if "key" not in keys:
        raise JobError(f"The connection {name} is not one of `finetune connect`: name another.", ErrorKind.invalid)
    return Connection(name=name, url=str(keys.get("endpoint") or found.target), key=str(keys["key"]))


def delete_connections(workspace: Workspace) -> list[str]:
    """Delete every connection that `connect` made. Returns their names. Raises JobError."""
    path = connections_path(workspace)
    with refusals(workspace, "the project's connections"):
        own = [
            str(each.get("name"))
            for each in workspace.arm.pages(path, api_versions.PROJECT_CONNECTIONS)
            if value_of(each, "properties", "metadata", MARK) == "finetune"
        ]
        for name in own:
            workspace.arm.run_operation("DELETE", f"{path}/{name}", api_versions.PROJECT_CONNECTIONS)
    return [f"the connection {name}" for name in own]
