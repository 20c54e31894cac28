"""Azure Machine Learning below a workspace: datastores, assets that people upload, and jobs.

https://learn.microsoft.com/rest/api/azureml (datastores, data, codes, environments, models, jobs)
https://learn.microsoft.com/azure/machine-learning/how-to-use-low-priority-batch (preempted nodes)
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.azure_fakes.answers import answer, assign
from tests.azure_fakes.arm_ids import name_of, parent_of
from tests.azure_fakes.azure import ArmError, Azure, Resource, value_at
from tests.azure_fakes.change import Change
from tests.azure_fakes.cloud import Request, Response
from tests.azure_fakes.resource_manager import list_page
from tests.azure_fakes.rules_services import body_is_of_its_type

WORKSPACE = "/providers/microsoft.machinelearningservices/workspaces/"
ASSETS = "data|codes|environments|models|jobs"
PATH = re.compile(rf"(?P<workspace>.*{WORKSPACE}[^/]+)/(?P<kind>{ASSETS}|datastores)(/(?P<rest>.*))?", re.IGNORECASE)
CONTAINERS = {"workspaceblobstore": "azureml-blobstore-1", "workspaceartifactstore": "azureml"}
CODE = "azureml-code"  # the container of uploaded code
# What a job goes through, one step at each reading of it.
USUAL = ("Queued", "Running", "Completed")


@dataclass
class MachineLearning:
    """`steps`: the states of the next jobs, by the job's name; a callable is called and its state taken.

    `without_keys`: whether Azure refuses uploads that need a signature of the account's key.
    """

    azure: Azure
    steps: dict[str, list[str | Callable[[], str]]] = field(default_factory=dict)
    without_keys: bool = False

    def __call__(self, request: Request) -> Response | None:
        found = PATH.fullmatch(request.path)
        if found is None or self.azure.find(found["workspace"]) is None:
            return None
        rest = (found["rest"] or "").strip("/")
        if found["kind"].lower() == "datastores":
            return self.datastore(found["workspace"], rest)
        with self.azure.locked():
            if rest.endswith("/startPendingUpload"):
                return self.start_upload(found["workspace"], rest)
            if rest.endswith("/cancel"):
                return self.cancel(request)
            if request.method == "GET" and len(rest.split("/")) % 2 == (0 if rest else 1):
                return self.list_below(request)
            methods = {"GET": self.get, "PUT": self.put, "DELETE": self.delete}
            return methods[request.method](request)

    def account(self, workspace: str) -> str:
        return name_of(str(self.azure.find(workspace).value("properties.storageAccount")))  # type: ignore[union-attr]

    def datastore(self, workspace: str, name: str) -> Response:
        """The workspace's own stores, in the mode Identity: without credentials."""
        properties = {
            "datastoreType": "AzureBlob",
            "accountName": self.account(workspace),
            "containerName": CONTAINERS[name],
            "endpoint": "core.windows.net",
            "protocol": "https",
            "credentials": {"credentialsType": "None"},
        }
        return Response(200, {"id": f"{workspace}/datastores/{name}", "name": name, "properties": properties})

    def start_upload(self, workspace: str, rest: str) -> Response:
        if self.without_keys:
            message = "Key based authentication is not permitted on this storage account."
            raise ArmError(403, "KeyBasedAuthenticationNotPermitted", message)
        uri = f"https://{self.account(workspace)}.blob.core.windows.net/{CODE}"
        reference = {
            "blobUri": uri,
            "storageAccountArmId": str(self.azure.find(workspace).value("properties.storageAccount")),  # type: ignore[union-attr]
            "credential": {"credentialType": "SAS", "sasUri": f"{uri}?sv=2025&sig=signature-of-the-tests"},
        }
        return Response(200, {"pendingUploadId": "1", "blobReferenceForConsumption": reference})

    def list_below(self, request: Request) -> Response:
        start = f"{request.path.rstrip('/')}/".lower()
        below = [each for key, each in self.azure.resources.items() if key.startswith(start)]
        own = [each for each in below if "/" not in each.id[len(start) :]]
        return list_page(request, [answer(each) for each in own])

    def get(self, request: Request) -> Response:
        found = self.azure.find(request.path)
        if found is None:
            raise ArmError(404, "NotFound", f"{name_of(request.path)} was not found.")
        if "/jobs/" in request.path.lower():
            self.advance(found)
        return Response(200, answer(found))

    def put(self, request: Request) -> Response:
        """Keep an asset. A version that is there is never changed: only its tags and its description are."""
        old = self.azure.find(request.path)
        body_is_of_its_type(Change(self.azure, request.path, request.body, old))
        is_job = "/jobs/" in request.path.lower()
        if old and (is_job or self.content(old.body) != self.content(request.body)):
            raise ArmError(409, "Conflict", f"{name_of(request.path)} exists, and cannot be changed.")
        if "/versions/" in request.path:
            self.make(parent_of(request.path), {"properties": {}})
        made = self.make(request.path, request.body)
        if is_job:
            made.assigned.setdefault("properties", {})["status"] = "NotStarted"
            made.assigned["properties"]["services"] = {"Studio": {"endpoint": "https://ml.azure.com/x"}}
            made.assigned["properties"]["outputs"] = {}
        if "/models/" in request.path.lower():
            made.assigned["properties"]["flavors"] = {"transformers": {"data": {}}}
        return Response(200 if old else 201, answer(made))

    def make(self, identity: str, body: dict[str, Any]) -> Resource:
        made = self.azure.put(identity, body)
        made.assigned = assign(made)
        made.assigned.setdefault("properties", {}).pop("provisioningState", None)
        return made

    def content(self, body: dict[str, Any]) -> dict[str, Any]:
        properties = body.get("properties") or {}
        return {key: value for key, value in properties.items() if key not in ("tags", "description")}

    def delete(self, request: Request) -> Response:
        found = self.azure.find(request.path)
        if found is None:
            return Response(204)
        self.azure.remove(request.path)
        parent = parent_of(request.path)
        if "/versions/" in request.path and not self.azure.below(parent):
            self.azure.remove(parent)
        return Response(200)

    def advance(self, job: Resource) -> None:
        """The next state of a job."""
        steps = self.steps.setdefault(job.name, list(USUAL))
        if value_at(job.assigned, "properties.status") in ("Completed", "Failed", "Canceled") or not steps:
            return
        step = steps.pop(0)
        job.assigned["properties"]["status"] = step if isinstance(step, str) else step()

    def cancel(self, request: Request) -> Response:
        job = self.azure.find(request.path.rpartition("/")[0])
        if job is None:
            raise ArmError(404, "NotFound", "The job was not found.")
        self.steps[job.name] = ["CancelRequested", "Canceled"]
        return Response(200)
