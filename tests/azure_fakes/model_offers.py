"""What Microsoft Foundry offers a subscription: models, quotas, and deployments as Azure lists them.

https://learn.microsoft.com/rest/api/aiservices/accountmanagement/models/list
https://learn.microsoft.com/rest/api/aiservices/accountmanagement/usages/list
"""

from typing import Any


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


def default_models() -> list[dict[str, Any]]:
    """The models that every region of the played Azure offers, unless a test says otherwise."""
    return [
        model("gpt-5.4-mini", "2026-03-17"),
        model("gpt-5.6-luna", "2026-07-09"),
        model("text-embedding-3-small", "1"),
    ]


def default_usages() -> list[dict[str, Any]]:
    """The quotas of these models, nothing of them used."""
    return [
        usage("OpenAI.GlobalStandard.gpt5.4-mini", 0, 10),
        usage("OpenAI.GlobalStandard.gpt5.6-luna", 0, 1000),
        usage("OpenAI.GlobalStandard.text-embedding-3-small", 0, 350),
    ]
