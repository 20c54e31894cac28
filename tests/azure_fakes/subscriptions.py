"""A subscription: its state, resource providers, policies and permissions.

https://learn.microsoft.com/rest/api/resources/subscriptions/get
https://learn.microsoft.com/rest/api/resources/providers (list, get, register)
https://learn.microsoft.com/rest/api/policy/policy-assignments/list
https://learn.microsoft.com/rest/api/authorization/permissions
"""

from dataclasses import dataclass, field
from typing import Any

from tests.azure_fakes.azure import ROOT, SUBSCRIPTION, ArmError, Azure
from tests.azure_fakes.cloud import Request, Response
from tests.azure_fakes.resource_manager import list_page, path_below


@dataclass
class Subscriptions:
    """A subscription of a student, where nothing is missing. `polls`: how many until a provider has registered."""

    azure: Azure
    state: str = "Enabled"
    quota_id: str = "AzureForStudents_2018-01-01"
    spending_limit: str = "On"
    assignments: list[dict[str, Any]] = field(default_factory=list)
    polls: int = 2

    def __call__(self, request: Request) -> Response | None:
        path = path_below(request, ROOT)
        if path == "":
            policies = {"quotaId": self.quota_id, "spendingLimit": self.spending_limit}
            named = {"subscriptionId": SUBSCRIPTION, "displayName": "Ana's subscription"}
            return Response(200, {**named, "state": self.state, "subscriptionPolicies": policies})
        if path == "/providers/microsoft.authorization/policyassignments":
            return list_page(request, self.assignments)
        if path is not None and path.endswith("/providers/microsoft.authorization/permissions"):
            group = path.removesuffix("/providers/microsoft.authorization/permissions")
            if group and self.azure.find(f"{ROOT}{group}") is None:
                raise ArmError(404, "ResourceGroupNotFound", f"'{group}' could not be found.")
            return list_page(request, self.azure.permissions)
        return self.provider(request, path or "")

    def provider(self, request: Request, path: str) -> Response | None:
        states = self.azure.providers
        if path == "/providers":
            return list_page(request, [{"namespace": name, "registrationState": each} for name, each in states.items()])
        named = path.removeprefix("/providers/").removesuffix("/register")
        name = next((each for each in states if each.lower() == named), None)
        if name is None:
            return None
        if request.method == "POST":
            states[name] = "Registering"
        elif states[name] == "Registering":
            self.polls -= 1
            states[name] = "Registered" if self.polls <= 0 else "Registering"
        return Response(200, {"namespace": name, "registrationState": states[name]})


def region_policy(*regions: str, **properties: Any) -> dict[str, Any]:
    """The policy assignment of a student subscription: its allowed regions."""
    allowed = {"listOfAllowedLocations": {"value": list(regions)}}
    return {
        "id": f"{ROOT}/providers/Microsoft.Authorization/policyAssignments/sys.regionrestriction",
        "name": "sys.regionrestriction",
        "properties": {
            "displayName": "Allowed resource deployment regions",
            "scope": ROOT,
            "notScopes": [],
            "enforcementMode": "Default",
            "parameters": allowed,
            **properties,
        },
    }
