"""The stack's online endpoint: one, with a key, and its deployments blue and green. An idle deployment bills too.

https://learn.microsoft.com/azure/machine-learning/how-to-deploy-online-endpoints
"""

import hashlib
from collections.abc import Mapping

from jobs.azure import api_versions
from jobs.azure.arm import Json, wait_for_operation
from jobs.errors import ErrorKind, JobError
from jobs.finetune.azure.workspace import Workspace, quiet, refusals, value_of
from jobs.finetune.results import Deployment, Endpoint
from jobs.terminal import log
from jobs.wait import wait_until

CHECKED = "checked"
REQUEST_MS = 180_000  # the longest that Azure allows
POLL_SECONDS, MAX_SECONDS = 10.0, 1800.0
STATES = {"Succeeded": "ready", "Failed": "failed", "Canceled": "failed"}


def endpoint_name(workspace: Workspace) -> str:
    """The endpoint's name, which no other in its region may have: it follows from the workspace's ID."""
    return f"finetune-{hashlib.sha256(workspace.id.lower().encode()).hexdigest()[:10]}"


def path_of(workspace: Workspace, colour: str = "") -> str:
    path = f"/onlineEndpoints/{endpoint_name(workspace)}"
    return f"{path}/deployments/{colour}" if colour else path


def read_endpoint(workspace: Workspace) -> Endpoint | None:
    """The endpoint as it is; None where there is none, or it is being deleted. Raises JobError."""
    path = path_of(workspace)
    with refusals(workspace, "the endpoint"):
        found = workspace.find(path)
        if found is None or value_of(found, "properties", "provisioningState") == "Deleting":
            return None
        deployments = tuple(parse_deployment(workspace, each) for each in workspace.pages(f"{path}/deployments"))
    traffic = value_of(found, "properties", "traffic") or {}
    return Endpoint(
        endpoint=endpoint_name(workspace),
        url=str(value_of(found, "properties", "scoringUri") or ""),
        deployments=deployments,
        traffic={each.deployment: int(traffic.get(each.deployment) or 0) for each in deployments if traffic},
    )


def parse_deployment(workspace: Workspace, answer: Json) -> Deployment:
    properties = answer.get("properties") or {}
    _, name, _, version = ["", *str(properties.get("model")).rsplit("/", 3)][-4:]
    size, instances = str(properties.get("instanceType")), int(value_of(answer, "sku", "capacity") or 1)
    price = workspace.hourly_price(size)
    return Deployment(
        deployment=str(answer.get("name")),
        version=int(version) if version.isdecimal() else 0,
        size=size,
        instances=instances,
        state=STATES.get(str(properties.get("provisioningState")), "starting"),
        checked=value_of(answer, "tags", CHECKED) == "true",
        hourly_usd=None if price is None else price * instances,
        model=name,
    )


def make_endpoint(workspace: Workspace) -> Endpoint:
    """Make the endpoint, with a key and the stack's identity, where there is none, and wait. Raises JobError."""
    if read_endpoint(workspace) is None:
        from azure.ai.ml.entities import IdentityConfiguration, ManagedIdentityConfiguration, ManagedOnlineEndpoint

        log(f"Making the endpoint {endpoint_name(workspace)}")
        # Of the identity Azure makes a change impossible: it is the stack's from the beginning.
        identity = ManagedIdentityConfiguration(resource_id=workspace.target.ml_identity_id)
        endpoint = ManagedOnlineEndpoint(
            name=endpoint_name(workspace),
            auth_mode="key",
            tags=workspace.tags,
            identity=IdentityConfiguration(type="user_assigned", user_assigned_identities=[identity]),
        )
        with refusals(workspace, "to make the endpoint"), quiet():
            wait_for_operation(workspace.client.online_endpoints.begin_create_or_update(endpoint))
    check_endpoint(workspace)
    found = read_endpoint(workspace)
    if found is None:
        raise JobError("The endpoint is gone again: run the same command once more.", ErrorKind.conflict)
    return found


def check_endpoint(workspace: Workspace) -> None:
    """Wait until Azure has finished the endpoint, which another command may have begun. Raises JobError."""
    states: list[str] = []

    def has_ended() -> bool:
        with refusals(workspace, "the endpoint"):
            found = workspace.get(path_of(workspace))
        states.append(STATES.get(str(value_of(found, "properties", "provisioningState")), ""))
        return bool(states[-1])

    if not wait_until(has_ended, every=POLL_SECONDS, at_most=MAX_SECONDS) or states[-1] == "failed":
        raise JobError(
            f"The endpoint {endpoint_name(workspace)} is not ready: `python -m jobs finetune teardown --target "
            f"{workspace.stack}` deletes it, then run the same command again.",
            ErrorKind.failed,
        )


def mark_checked(workspace: Workspace, colour: str) -> None:
    """Record on the deployment that it answered. A change of its tags does not make it again. Raises JobError."""
    body = {"tags": {**workspace.tags, CHECKED: "true"}}
    with refusals(workspace, f"to mark the deployment {colour}"):
        path = f"{workspace.id}{path_of(workspace, colour)}"
        workspace.arm.run_operation("PATCH", path, api_versions.MACHINE_LEARNING, body)


def set_traffic(workspace: Workspace, traffic: Mapping[str, int]) -> None:
    """Divide the traffic, in one request. Raises JobError."""
    with refusals(workspace, "to divide the traffic"), quiet():
        endpoint = workspace.client.online_endpoints.get(endpoint_name(workspace))
        endpoint.traffic = dict(traffic)
        wait_for_operation(workspace.client.online_endpoints.begin_create_or_update(endpoint))


def delete_deployment(workspace: Workspace, colour: str) -> None:
    """Raises JobError."""
    with refusals(workspace, f"to delete the deployment {colour}"):
        workspace.delete(path_of(workspace, colour))


def delete_endpoint(workspace: Workspace) -> bool:
    """Delete it with its deployments, and wait. Returns whether there was one. Raises JobError."""
    with refusals(workspace, "to delete the endpoint"):
        return workspace.delete(path_of(workspace))
