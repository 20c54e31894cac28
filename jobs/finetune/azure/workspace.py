"""The workspace of a stack: its clients, the blobs of its account, and what its refusals mean.

https://learn.microsoft.com/python/api/azure-ai-ml/azure.ai.ml.mlclient
"""

import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from azure.core.exceptions import AzureError, HttpResponseError, ResourceNotFoundError
from azure.storage.blob import ContainerClient

from jobs.azure import api_versions
from jobs.azure.arm import Arm, Json
from jobs.azure.errors import translate_errors
from jobs.azure.login import credential
from jobs.azure.vm_sizes import PROVIDER
from jobs.cost.hourly import hourly_price
from jobs.errors import ErrorKind, JobError, explain
from jobs.storage.client import storage_service
from jobs.target import Target

if TYPE_CHECKING:
    from azure.ai.ml import MLClient

ROLE = "AzureML Data Scientist on the workspace, and Storage Blob Data Contributor on its account"
DATASTORE, LOG_DATASTORE = "workspaceblobstore", "workspaceartifactstore"
RUNS = "finetune"  # the folder of all runs in the workspace's own datastore
MOST_CHARACTERS = 300  # of a reason
MADE_BY = {"made-by": "finetune"}
# What azure-ai-ml raises without a status: its own checks, and uploads.
HINTS = {
    "KeyBasedAuthenticationNotPermitted|Key based authentication is not permitted": (
        "The workspace's account has no keys, and Azure refused an upload that needs one ({reason}): allow them with "
        "`az storage account update --name {account} --allow-shared-key-access true`, run the same command again, and "
        "take them away with `pulumi up`."
    ),
    "permission to alter this storage account|AuthorizationPermissionMismatch": (
        "Azure does not allow you to write to the account {account} ({reason}): it needs the role Storage Blob Data "
        "Contributor; a role that `pulumi up` gave minutes ago takes effect everywhere within ten."
    ),
}
REFUSED = "Azure ML refuses it ({reason}): fix that, then run the same command again."


@dataclass
class Workspace:
    """One stack's workspace. Nothing is asked before a method needs it."""

    target: Target
    stack: str

    def __post_init__(self) -> None:
        self._prices: dict[tuple[str, bool], float | None] = {}
        with quiet():  # its logger writes to what is stderr at its import
            import azure.ai.ml.entities
        logging.getLogger(azure.ai.ml.__name__).propagate = False

    @property
    def id(self) -> str:
        group = f"/subscriptions/{self.target.subscription_id}/resourceGroups/{self.target.resource_group}"
        return f"{group}/providers/{PROVIDER}/workspaces/{self.target.ml_workspace}"

    @cached_property
    def client(self) -> "MLClient":
        """The SDK's client, without its telemetry."""
        from azure.ai.ml import MLClient

        return MLClient(
            credential(),
            self.target.subscription_id,
            self.target.resource_group,
            self.target.ml_workspace,
            enable_telemetry=False,
        )

    @cached_property
    def arm(self) -> Arm:
        return Arm()

    @cached_property
    def tags(self) -> dict[str, str]:
        """The stack's tags, with which `teardown` knows what is the stack's."""
        return {str(key): str(value) for key, value in (self.get("").get("tags") or {}).items()}

    def hourly_price(self, size: str, low_priority: bool = False) -> float | None:
        """What a machine costs an hour, None where that is not known. The list is asked once, answered or not."""
        if (size, low_priority) not in self._prices:
            self._prices[size, low_priority] = hourly_price(size, self.target.ml_location, low_priority)
        return self._prices[size, low_priority]

    def get(self, path: str) -> Json:
        """What Resource Manager has below the workspace. Raises AzureError."""
        return self.arm.get(f"{self.id}{path}", api_versions.MACHINE_LEARNING)

    def pages(self, path: str) -> Iterator[Json]:
        """Every element of a list below the workspace. Raises AzureError."""
        return self.arm.pages(f"{self.id}{path}", api_versions.MACHINE_LEARNING)

    def find(self, path: str) -> Json | None:
        """The same; None where it does not exist."""
        try:
            return self.get(path)
        except ResourceNotFoundError:
            return None

    def delete(self, path: str) -> bool:
        """Delete something of the workspace, and wait. Returns false where it is gone. Raises AzureError."""
        if self.find(path) is None:
            return False
        self.arm.run_operation("DELETE", f"{self.id}{path}", api_versions.MACHINE_LEARNING)
        return True

    def container(self, datastore: str = DATASTORE) -> ContainerClient:
        """The container of a datastore, by identity: the account has no keys. Raises AzureError."""
        found = self.get(f"/datastores/{datastore}")["properties"]
        url = f"https://{found['accountName']}.blob.{found.get('endpoint') or 'core.windows.net'}"
        return storage_service(self.target, url).get_container_client(str(found["containerName"]))

    def read_blob(self, path: str, datastore: str = DATASTORE, start: int = 0) -> bytes | None:
        """A blob from a byte on; None where it does not exist, or has no more. Raises AzureError."""
        try:
            with self.container(datastore) as container:
                return bytes(container.download_blob(path, offset=start or None).readall())
        except ResourceNotFoundError:
            return None
        except HttpResponseError as error:
            if error.status_code == 416:  # nothing after that byte yet
                return None
            raise

    def list_blobs(self, prefix: str) -> dict[str, int]:
        """The sizes of the blobs below a prefix, by name. Raises AzureError."""
        with self.container() as container:
            return {each.name: int(each.size or 0) for each in container.list_blobs(name_starts_with=prefix)}

    def delete_blobs(self, prefix: str) -> int:
        """Delete all blobs below a prefix. Returns how many there were."""
        names = self.list_blobs(prefix)
        with self.container() as container:
            for name in names:
                container.delete_blob(name)
        return len(names)


@contextmanager
def refusals(workspace: Workspace, what: str) -> Iterator[None]:
    """Raise what Azure and azure-ai-ml refuse in the block as a JobError. `what` names what was asked for."""
    try:
        with translate_errors(what, ROLE), translate_sdk(workspace):
            yield
    except JobError:
        raise
    except Exception as error:  # azure-ai-ml raises a bare Exception for a refused upload
        if type(error) is not Exception:
            raise
        raise sdk_error(workspace, str(error)) from error


@contextmanager
def translate_sdk(workspace: Workspace) -> Iterator[None]:
    """Raise the SDK's own errors, which have no status of Azure, as a JobError."""
    try:
        yield
    except HttpResponseError as error:
        if "KeyBasedAuthentication" in str(error):
            raise sdk_error(workspace, str(error.message)) from error
        raise
    except AzureError as error:
        if not type(error).__module__.startswith("azure.ai.ml"):
            raise
        raise sdk_error(workspace, str(getattr(error, "message", error))) from error


def sdk_error(workspace: Workspace, text: str) -> JobError:
    reason = " ".join(text.split())[:MOST_CHARACTERS].rstrip(". ") or "no reason given"
    account = str((workspace.find("") or {}).get("properties", {}).get("storageAccount") or "").rpartition("/")[2]
    return JobError(explain(text, HINTS, REFUSED, reason=reason, account=account), ErrorKind.refused)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep the SDK's bars, dots and warnings away from the terminal, and from the one object of --json."""
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def value_of(answer: Any, *path: str) -> Any:
    """The value at a path of an answer; None where there is none."""
    for key in path:
        answer = answer.get(key) if isinstance(answer, dict) else None
    return answer
