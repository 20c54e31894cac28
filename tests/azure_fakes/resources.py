"""Resource Manager's requests for single resources: PUT, PATCH, GET, DELETE, and the operations that they start.

https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations
https://learn.microsoft.com/rest/api/resources/resources
"""

import re
import time
from dataclasses import dataclass
from typing import Any

from tests.azure_fakes import rules
from tests.azure_fakes.answers import answer, assign
from tests.azure_fakes.arm_ids import GROUP, group_of, is_type, type_of
from tests.azure_fakes.azure import HOST, ROOT, ArmError, Azure, Resource, merged
from tests.azure_fakes.change import Change
from tests.azure_fakes.cloud import Request, Response
from tests.azure_fakes.templates import template_resources

DEPLOYMENT, SECRET = "Microsoft.Resources/deployments", "Microsoft.KeyVault/vaults/secrets"
OPERATIONS = f"{ROOT}/providers/Microsoft.Resources/operations"
# What Azure does as a long-running operation. It does everything else before it answers.
SLOW = re.compile(
    r"Microsoft\.(DBforPostgreSQL|CognitiveServices|Network|Search|Resources|ContainerRegistry)/"
    r"|Microsoft\.MachineLearningServices/workspaces(/computes|/onlineEndpoints|/onlineEndpoints/deployments)?$"
    r"|Microsoft\.Storage/storageAccounts$|Microsoft\.KeyVault/vaults$",
    re.IGNORECASE,
)
RETRY_AFTER = {"Retry-After": "0.1"}
IN_PROGRESS = "An operation is currently performing on this storage account that requires exclusive access."


@dataclass
class Resources:
    """Every resource of the played Azure, as Resource Manager gives it out and takes it."""

    azure: Azure

    def __call__(self, request: Request) -> Response | None:
        if request.path.startswith(f"{OPERATIONS}/"):
            return self.poll(request.path.rpartition("/")[2])
        if not is_resource(request.path):
            return None
        methods = {"GET": self.get, "HEAD": self.get, "PUT": self.put, "PATCH": self.patch, "DELETE": self.delete}
        handler = methods.get(request.method)
        return handler(request) if handler else None

    def poll(self, operation: str) -> Response:
        """The state of an operation."""
        ends = self.azure.operations.get(operation, 0.0)
        if time.time() < ends:
            return Response(200, {"name": operation, "status": "InProgress"}, RETRY_AFTER)
        return Response(200, {"name": operation, "status": "Succeeded"})

    def get(self, request: Request) -> Response:
        with self.azure.locked():
            found = self.azure.find(request.path)
            if found is None:
                code = "ResourceGroupNotFound" if is_type(request.path, GROUP) else "ResourceNotFound"
                raise ArmError(404, code, f"The Resource '{request.path}' was not found.")
            return Response(200, answer(found))

    def patch(self, request: Request) -> Response:
        with self.azure.locked():
            found = self.azure.find(request.path)
            body = merged(found.body, request.body) if found else None
        return self.put(request, body) if body is not None else self.get(request)

    def put(self, request: Request, body: dict[str, Any] | None = None) -> Response:
        with self.azure.locked():
            old = self.azure.find(request.path)
            change = Change(self.azure, request.path, request.body if body is None else body, old)
            rules.check_rules(rules.PUT, change)
            resource = self.store(change)
            headers = self.start(resource)
            self.answer_with_an_error(change)
            created = Response(200 if old else 201, answer(resource), headers)
        if not headers:  # the client waits while Azure works
            time.sleep(self.azure.operation_seconds)
        return created

    def store(self, change: Change) -> Resource:
        """Store a resource with what Azure assigns, and what its template brings."""
        resource = self.azure.put(change.id, change.body or {})
        resource.assigned = assign(resource)
        identity = (resource.assigned.get("identity") or {}).get("principalId")
        if identity:
            self.azure.principals.setdefault(identity, time.time())
        for each, body in template_resources(resource) if change.is_type(DEPLOYMENT) else ():
            inner = Change(self.azure, each, body, self.azure.find(each))
            rules.check_rules(rules.PUT, inner)
            self.store(inner)
        for follow in self.azure.followers:
            follow(resource)
        return resource

    def start(self, resource: Resource) -> dict[str, str]:
        """Start the operation of a slow type. Returns the headers that say where it is polled."""
        seconds = self.azure.operation_seconds
        if not seconds or not SLOW.search(type_of(resource.id)):
            return {}
        operation = self.azure.start_operation(resource, seconds)
        return {"Azure-AsyncOperation": f"https://{HOST}{OPERATIONS}/{operation}?api-version=2021-04-01", **RETRY_AFTER}

    def answer_with_an_error(self, change: Change) -> None:
        """Some creates are done, and answered with a passing error.

        https://github.com/pulumi/pulumi-azure-native/issues/4761
        """
        for pattern in self.azure.half_made:
            if change.old is None and re.search(pattern, change.id, re.IGNORECASE):
                self.azure.half_made.remove(pattern)
                raise ArmError(409, "StorageAccountOperationInProgress", IN_PROGRESS)

    def delete(self, request: Request) -> Response:
        if is_type(request.path, SECRET):
            message = "The operation 'delete' is not supported for secrets: use the vault itself."
            raise ArmError(405, "DisallowedResourceOperation", message)
        with self.azure.locked():
            found = self.azure.find(request.path)
            purges = request.query.get("forceToPurge") == "true"
            if found is None:
                return self.delete_again(request.path, purges)
            rules.check_rules(rules.DELETE, Change(self.azure, request.path, None, found))
            found.purged = purges
            headers = self.start(found)
            if headers:
                found.leaves = True
                return Response(202, headers=headers)
            self.azure.remove(request.path)
        time.sleep(self.azure.operation_seconds)
        return Response(200)

    def delete_again(self, path: str, purges: bool) -> Response:
        """Delete what is gone. A soft-deleted workspace is purged, while its group exists.

        https://learn.microsoft.com/azure/machine-learning/concept-soft-delete
        """
        if purges and not self.azure.find(group_of(path)):
            raise ArmError(404, "ResourceGroupNotFound", f"Resource group '{group_of(path)}' could not be found.")
        if purges:
            self.azure.purge(path)
        return Response(204)


def is_resource(path: str) -> bool:
    """Whether a path is that of a single resource or of a resource group, not of a list or of an action."""
    start, _, tail = path.lower().rpartition("/providers/")
    if not start:
        return bool(re.fullmatch(r"/subscriptions/[^/]+/resourcegroups/[^/]+", tail))
    return "/resourcegroups/" in start and len(tail.split("/")) % 2 == 1 and len(tail.split("/")) > 2
