"""Microsoft Foundry models: a region's models and quotas, and an account's deployments.

https://learn.microsoft.com/rest/api/aiservices/accountmanagement/models/list
https://learn.microsoft.com/rest/api/aiservices/accountmanagement/usages/list
https://learn.microsoft.com/rest/api/aiservices/accountmanagement/deployments/list
"""

from dataclasses import dataclass, field
from typing import Any

from tests.azure_fakes.answers import answer
from tests.azure_fakes.arm_ids import is_type
from tests.azure_fakes.azure import ROOT, Azure
from tests.azure_fakes.cloud import Request, Response
from tests.azure_fakes.model_offers import deployment, model, usage
from tests.azure_fakes.model_versions import as_version
from tests.azure_fakes.resource_manager import list_page, path_below
from tests.azure_fakes.rules_services import used_capacity

__all__ = ["CognitiveServices", "deployment", "model", "put_deployments", "usage"]
PROVIDER = f"{ROOT}/providers/Microsoft.CognitiveServices"
DEPLOYMENTS = "Microsoft.CognitiveServices/accounts/deployments"


def put_deployments(azure: Azure, account: str, deployments: list[dict[str, Any]]) -> None:
    """Put an account with these deployments, as Azure lists them."""
    azure.remove(account)
    azure.put(account, {"location": "swedencentral"})
    for each in deployments:
        azure.put(f"{account}/deployments/{each['name']}", each)


@dataclass
class CognitiveServices:
    """Every region offers the same models. What deployments use of a quota is added to what `usages` says.

    `capacities`: what is free of the model that is asked for, by region and SKU.
    """

    azure: Azure
    capacities: dict[tuple[str, str], int] = field(default_factory=dict)

    @property
    def models(self) -> list[dict[str, Any]]:
        """What Azure lists of each model."""
        return self.azure.models

    @models.setter
    def models(self, models: list[dict[str, Any]]) -> None:
        self.azure.models = models

    @property
    def usages(self) -> list[dict[str, Any]]:
        """What Azure lists of each quota, without this subscription's own deployments."""
        return self.azure.usages

    @usages.setter
    def usages(self, usages: list[dict[str, Any]]) -> None:
        self.azure.usages = usages

    def __call__(self, request: Request) -> Response | None:
        path = path_below(request, PROVIDER)
        if path == "/modelcapacities":
            return list_page(request, [self.capacity(*place) for place in self.capacities])
        if path is not None and path.endswith("/models"):
            version = request.query["api-version"]
            return list_page(request, [{**each, "model": as_version(each["model"], version)} for each in self.models])
        if path is not None and path.endswith("/usages"):
            return list_page(request, [self.used(each) for each in self.azure.usages])
        account = request.path.removesuffix("/deployments")
        if account != request.path and self.azure.find(account):
            found = [each for each in self.azure.below(account) if is_type(each.id, DEPLOYMENTS)]
            return list_page(request, [answer(each) for each in found])
        return None

    def capacity(self, region: str, sku: str) -> dict[str, Any]:
        return {"location": region, "properties": {"skuName": sku, "availableCapacity": self.capacities[region, sku]}}

    def used(self, usage: dict[str, Any]) -> dict[str, Any]:
        """A quota with what the deployments of this subscription use of it."""
        held = used_capacity(self.azure, usage["name"]["value"])
        return usage | {"currentValue": usage["currentValue"] + held}
