"""Microsoft Foundry models: a region's models and quotas, an account's deployments, soft-deleted accounts.

https://learn.microsoft.com/rest/api/aiservices/accountmanagement/models/list
https://learn.microsoft.com/rest/api/aiservices/accountmanagement/usages/list
https://learn.microsoft.com/rest/api/aiservices/accountmanagement/deployments/list
https://learn.microsoft.com/rest/api/aiservices/accountmanagement/deleted-accounts/list
"""

from dataclasses import dataclass, field
from typing import Any

from tests.azure_fakes.cloud import Request, Response
from tests.azure_fakes.resource_manager import ROOT, list_page, path_below

PROVIDER = f"{ROOT}/providers/Microsoft.CognitiveServices"


def model(name: str, version: str, **other: Any) -> dict[str, Any]:
    """A model as Azure lists it. `skus`: pairs of a SKU name and the date when the model retires there."""
    skus = other.pop("skus", [("GlobalStandard", "2199-01-01T00:00:00Z")])
    entry = {
        "format": "OpenAI",
        "name": name,
        "version": version,
        "lifecycleStatus": "GenerallyAvailable",
        "isDefaultVersion": True,
        "capabilities": {"embeddings" if "embedding" in name else "chatCompletion": "true", "assistants": "false"},
        "skus": [
            {
                "name": sku,
                "usageName": f"OpenAI.{sku}.{name.replace('gpt-', 'gpt')}",  # Azure gives no rule for it
                "deprecationDate": date,
                "capacity": {"default": 10, "maximum": 1000},
            }
            for sku, date in skus
        ],
        **other,
    }
    return {"kind": other.pop("kind", "AIServices"), "skuName": "S0", "model": entry}


def usage(bucket: str, used: float, limit: float) -> dict[str, Any]:
    """A quota as Azure lists it, in thousands of tokens per minute."""
    name = {"value": bucket, "localizedValue": f"Tokens per minute (thousands) - {bucket}"}
    return {"name": name, "unit": "Count", "currentValue": used, "limit": limit}


def deployment(alias: str, name: str, version: str, capacity: int) -> dict[str, Any]:
    """A deployment of a model as Azure lists it."""
    properties = {"model": {"format": "OpenAI", "name": name, "version": version}}
    return {"name": alias, "sku": {"name": "GlobalStandard", "capacity": capacity}, "properties": properties}


@dataclass
class CognitiveServices:
    """`models` and `usages` are the same in every region. `deployments` is None where there is no account.

    `deleted_accounts`: name, resource group and location of each soft-deleted account.
    """

    models: list[dict[str, Any]] = field(
        default_factory=lambda: [
            model("gpt-5.4-mini", "2026-03-17"),
            model("gpt-5.6-luna", "2026-07-09"),
            model("text-embedding-3-small", "1"),
        ]
    )
    usages: list[dict[str, Any]] = field(
        default_factory=lambda: [
            usage("OpenAI.GlobalStandard.gpt5.4-mini", 0, 10),
            usage("OpenAI.GlobalStandard.gpt5.6-luna", 0, 1000),
            usage("OpenAI.GlobalStandard.text-embedding-3-small", 0, 350),
        ]
    )
    deployments: list[dict[str, Any]] | None = None
    deleted_accounts: list[tuple[str, str, str]] = field(default_factory=list)

    def __call__(self, request: Request) -> Response | None:
        path = path_below(request, PROVIDER)
        if path == "/deletedaccounts":
            return list_page(request, [self.deleted_account(*each) for each in self.deleted_accounts])
        if path is not None and path.endswith("/models"):
            return list_page(request, self.models)
        if path is not None and path.endswith("/usages"):
            return list_page(request, self.usages)
        if request.path.endswith("/deployments") and self.deployments is not None:
            return list_page(request, self.deployments)
        return None

    def deleted_account(self, name: str, group: str, location: str) -> dict[str, Any]:
        identity = f"{PROVIDER}/locations/{location}/resourceGroups/{group}/deletedAccounts/{name}"
        return {"id": identity, "name": name, "location": location, "kind": "AIServices"}
