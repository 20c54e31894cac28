"""Make a deployment of the endpoint: a version, score.py over it, and the wait until it is ready.

https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-online-endpoints
"""

import time
from typing import TYPE_CHECKING

from azure.core.exceptions import HttpResponseError, ServiceResponseTimeoutError

from jobs.azure import api_versions
from jobs.azure.arm import wait_for_operation
from jobs.azure.errors import error_reason
from jobs.errors import ErrorKind, JobError, explain
from jobs.finetune.azure.assets import carried_copy, send_environment
from jobs.finetune.azure.endpoint import REQUEST_MS, endpoint_name, make_endpoint, parse_deployment, path_of
from jobs.finetune.azure.workspace import Workspace, quiet, refusals
from jobs.finetune.results import Deployment, ModelVersion
from jobs.terminal import log
from jobs.wait import wait_until

if TYPE_CHECKING:
    from azure.ai.ml.entities import ManagedOnlineDeployment

POLL_SECONDS, MAX_SECONDS = 10.0, 3600.0
LOAD_SECONDS = 500  # Azure's own probes stop a container that still loads its model
LOG_LINES = 20
UNKNOWN = "Azure says why only to the command that made it"
HINTS = {
    "OutOfQuota|quota": (
        "Azure has no cores left for {colour} ({reason}): another --size, or ask for more at https://ml.azure.com/quota."
    ),
    "OutOfCapacity": "{region} has no machine of that size free ({reason}): another --size, or try again later.",
    "ImageBuildFailure|image": (
        "Azure could not build the image of {colour} ({reason}): see the build's log in the portal, below Environments."
    ),
    "ResourceNotReady|probe|CrashLoop|container": (
        "The container of {colour} did not become ready ({reason}). Its log ends with: {log}"
    ),
}
FAILED = "The deployment {colour} failed ({reason}). Its log ends with: {log}"


def make_deployment(workspace: Workspace, colour: str, version: ModelVersion, size: str, instances: int) -> Deployment:
    """Make a deployment, or wait for one that is there. Raises JobError where it does not become ready."""
    started, reason = time.monotonic(), ""
    is_new = make_endpoint(workspace).find(colour) is None
    if is_new:
        log(f"Making the deployment {colour} of version {version.version}: Azure takes about ten minutes")
        reason = send_deployment(workspace, build_deployment(workspace, colour, version), (size, instances))
        if reason and not exists(workspace, colour):
            raise JobError(explain_failure(workspace, colour, reason), ErrorKind.refused)
    made = wait_for_deployment(workspace, colour)
    if made.state != "ready":
        raise JobError(explain_failure(workspace, colour, reason), ErrorKind.failed)
    seconds = round(time.monotonic() - started, 1) if is_new else None
    return Deployment(**{**vars(made), "ready_seconds": seconds})


def send_deployment(workspace: Workspace, deployment: "ManagedOnlineDeployment", machines: tuple[str, int]) -> str:
    """Send a new deployment, and wait. Returns Azure's reason where it failed. Raises JobError."""
    from azure.ai.ml.entities import CodeConfiguration

    deployment.instance_type, deployment.instance_count = machines
    what = f"to make the deployment {deployment.name}"
    with refusals(workspace, what), carried_copy() as code:
        deployment.environment = send_environment(workspace, code)
    with refusals(workspace, what), carried_copy() as code, quiet():
        deployment.code_configuration = CodeConfiguration(code=str(code), scoring_script="score.py")
        send = workspace.client.online_deployments.begin_create_or_update
        try:
            wait_for_operation(send(deployment, skip_script_validation=True))
        except ServiceResponseTimeoutError:
            return ""  # Azure is still at work: it is waited for
        except HttpResponseError as error:
            return error_reason(error)
    return ""


def build_deployment(workspace: Workspace, colour: str, version: ModelVersion) -> "ManagedOnlineDeployment":
    """The deployment without its machines and its code. Its probes wait until the model is loaded."""
    from azure.ai.ml.entities import ManagedOnlineDeployment, OnlineRequestSettings, ProbeSettings

    return ManagedOnlineDeployment(
        name=colour,
        endpoint_name=endpoint_name(workspace),
        model=f"azureml:{version.name}:{version.version}",
        liveness_probe=ProbeSettings(initial_delay=LOAD_SECONDS),
        readiness_probe=ProbeSettings(initial_delay=10),
        request_settings=OnlineRequestSettings(request_timeout_ms=REQUEST_MS, max_concurrent_requests_per_instance=1),
        tags=workspace.tags,
    )


def wait_for_deployment(workspace: Workspace, colour: str) -> Deployment:
    """A deployment when Azure has finished it, well or not. Raises JobError."""
    found: list[Deployment] = []

    def has_ended() -> bool:
        with refusals(workspace, f"the deployment {colour}"):
            found[:] = [parse_deployment(workspace, workspace.get(path_of(workspace, colour)))]
        return found[0].state != "starting"

    if not wait_until(has_ended, every=POLL_SECONDS, at_most=MAX_SECONDS):
        raise JobError(f"Azure is still making {colour}: run the same command again.", ErrorKind.unavailable)
    return found[0]


def explain_failure(workspace: Workspace, colour: str, reason: str) -> str:
    """Why a deployment failed: Azure's reason, which only who made it gets, and the end of its container's log."""
    with refusals(workspace, f"the log of the deployment {colour}"):
        text = read_log(workspace, colour) if exists(workspace, colour) else ""
    lines = [each.strip() for each in text.splitlines() if each.strip()]
    values = {"colour": colour, "reason": reason or UNKNOWN, "region": workspace.target.ml_location}
    return explain(reason, HINTS, FAILED, log=" / ".join(lines[-3:]) or "nothing", **values)


def exists(workspace: Workspace, colour: str) -> bool:
    with refusals(workspace, f"the deployment {colour}"):
        return workspace.find(path_of(workspace, colour)) is not None


def read_log(workspace: Workspace, colour: str) -> str:
    body = {"tail": LOG_LINES, "containerType": "InferenceServer"}
    path = f"{workspace.id}{path_of(workspace, colour)}/getLogs"
    return str(workspace.arm.post(path, api_versions.MACHINE_LEARNING, body).get("content") or "")
