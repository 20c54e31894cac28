"""A subscription: its state, resource providers, policies, permissions, and the resources of one group.

https://learn.microsoft.com/rest/api/resources/subscriptions/get
https://learn.microsoft.com/rest/api/resources/providers (list, get, register)
https://learn.microsoft.com/rest/api/resources/resources/list-by-resource-group
https://learn.microsoft.com/rest/api/policy/policy-assignments/list
https://learn.microsoft.com/rest/api/authorization/permissions
"""

from dataclasses import dataclass, field
from typing import Any

from tests.azure_fakes.cloud import Request, Response
from tests.azure_fakes.resource_manager import ROOT, SUBSCRIPTION, error_response, list_page, path_below

PROVIDERS = [
    "Microsoft.DBforPostgreSQL",
    "Microsoft.Storage",
    "Microsoft.KeyVault",
    "Microsoft.DataFactory",
    "Microsoft.CognitiveServices",
    "Microsoft.Consumption",
    "Microsoft.Insights",
    "Microsoft.OperationalInsights",
    "Microsoft.Search",
    "Microsoft.Network",
    "Microsoft.Compute",
]
OWNER: list[dict[str, Any]] = [{"actions": ["*"], "notActions": []}]


@dataclass
class Subscriptions:
    """A subscription of a student, where nothing is missing.

    `providers`: the registration state by name. `group`: type and name of each resource in the group, None while the
    group does not exist. `polls`: how many until a provider has registered.
    """

    state: str = "Enabled"
    quota_id: str = "AzureForStudents_2018-01-01"
    spending_limit: str = "On"
    providers: dict[str, str] = field(default_factory=lambda: dict.fromkeys(PROVIDERS, "Registered"))
    assignments: list[dict[str, Any]] = field(default_factory=list)
    permissions: list[dict[str, Any]] = field(default_factory=lambda: OWNER)
    group: list[tuple[str, str]] | None = None
    polls: int = 2

    def __call__(self, request: Request) -> Response | None:
        path = path_below(request, ROOT)
        if path == "":
            policies = {"quotaId": self.quota_id, "spendingLimit": self.spending_limit}
            named = {"subscriptionId": SUBSCRIPTION, "displayName": "Ana's subscription"}
            return Response(200, {**named, "state": self.state, "subscriptionPolicies": policies})
        if path == "/providers/microsoft.authorization/policyassignments":
            return list_page(request, self.assignments)
        if path is not None and path.startswith("/resourcegroups/"):
            return self.in_group(request, path)
        if path == "/providers/microsoft.authorization/permissions":
            return list_page(request, self.permissions)
        return self.provider(request, path or "")

    def in_group(self, request: Request, path: str) -> Response | None:
        if not path.endswith(("/resources", "/providers/microsoft.authorization/permissions")):
            return None
        if self.group is None:
            return error_response(404, "ResourceGroupNotFound")
        if path.endswith("/resources"):
            return list_page(request, [{"type": kind, "name": name} for kind, name in self.group])
        return list_page(request, self.permissions)

    def provider(self, request: Request, path: str) -> Response | None:
        states = {name.lower(): name for name in self.providers}
        if path == "/providers":
            return list_page(request, [{"namespace": n, "registrationState": s} for n, s in self.providers.items()])
        name = states.get(path.removeprefix("/providers/").removesuffix("/register"))
        if name is None:
            return None
        if request.method == "POST":
            self.providers[name] = "Registering"
        elif self.providers[name] == "Registering":
            self.polls -= 1
            self.providers[name] = "Registered" if self.polls <= 0 else "Registering"
        return Response(200, {"namespace": name, "registrationState": self.providers[name]})


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
