"""The models that Azure offers in a region, and how much of each the subscription may have.

A deployment counts against the bucket that its model's SKU names (`usageName`): bucket names cannot be derived.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from jobs.azure import api_versions
from jobs.azure.arm import Arm

ROLE = "Cognitive Services Usages Reader of the subscription"
HINT = "`python -m jobs doctor` looks for the cause"
KINDS = ("AIServices", "OpenAI")  # kinds of accounts; Foundry's is the first, and has what the second has
ALIVE = ("GenerallyAvailable", "Stable", "Preview", "Legacy")
GENERAL = ("GenerallyAvailable", "Stable")


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One model, version and SKU. Quota and capacity are in the SKU's unit, thousands of tokens a minute for most.

    `used` and `limit` are None where the region's usages do not have the bucket: it may be the whole subscription's.
    """

    model: str
    version: str
    format: str
    sku: str
    status: str
    default: bool
    retires: date | None
    bucket: str
    used: float | None
    limit: float | None
    largest: int | None
    replacement: tuple[str, str] | None
    abilities: frozenset[str]

    @property
    def free(self) -> float | None:
        return None if self.limit is None else self.limit - (self.used or 0)

    def alive(self, today: date) -> bool:
        """Whether somebody who never had it may deploy it. Deprecating is for those who have it already."""
        return self.status in ALIVE and not (self.retires and self.retires <= today)


def list_offers(arm: Arm, subscription_id: str, region: str) -> list[Offer]:
    """Every offer of a region. Raises AzureError.

    https://learn.microsoft.com/rest/api/aiservices/accountmanagement/models/list
    https://learn.microsoft.com/rest/api/aiservices/accountmanagement/usages/list
    """
    path = f"/subscriptions/{subscription_id}/providers/Microsoft.CognitiveServices/locations/{region}"
    usages = list(arm.pages(f"{path}/usages", api_versions.COGNITIVE_SERVICES))
    return parse_offers(arm.pages(f"{path}/models", api_versions.COGNITIVE_SERVICES), usages)


def parse_offers(models: Iterable[Mapping[str, Any]], usages: Iterable[Mapping[str, Any]]) -> list[Offer]:
    """Azure's two lists as offers, each once: models are listed for every kind of account that takes them."""
    buckets = {str(each["name"]["value"]).lower(): each for each in usages if (each.get("name") or {}).get("value")}
    found: dict[tuple[str, str, str, str], Offer] = {}
    for each in sorted((one for one in models if one.get("kind") in KINDS), key=lambda one: KINDS.index(one["kind"])):
        model = each.get("model") or {}
        for sku in model.get("skus") or []:
            offer = to_offer(model, sku, buckets.get(str(sku.get("usageName")).lower()))
            found.setdefault((offer.format, offer.model, offer.version, offer.sku), offer)
    return list(found.values())


def to_offer(model: Mapping[str, Any], sku: Mapping[str, Any], usage: Mapping[str, Any] | None) -> Offer:
    target = model.get("replacementConfig") or {}
    abilities = model.get("capabilities") or {}
    # The SKU's own date first: one SKU of a model may go months before another.
    retires = sku.get("deprecationDate") or (model.get("deprecation") or {}).get("inference")
    return Offer(
        model=str(model.get("name")),
        version=str(model.get("version")),
        format=str(model.get("format")),
        sku=str(sku.get("name")),
        status=str(model.get("lifecycleStatus") or "GenerallyAvailable"),
        default=bool(model.get("isDefaultVersion")),
        retires=parse_day(retires),
        bucket=str(sku.get("usageName") or ""),
        used=usage.get("currentValue") if usage else None,
        limit=usage.get("limit") if usage else None,
        largest=(sku.get("capacity") or {}).get("maximum"),
        replacement=(name, str(target.get("targetModelVersion") or ""))
        if (name := str(target.get("targetModelName") or ""))
        else None,
        abilities=frozenset(key for key, value in abilities.items() if str(value).lower() == "true"),
    )


def today() -> date:
    """Azure's dates are UTC's."""
    return datetime.now(UTC).date()


def parse_day(text: Any) -> date | None:
    """The day of Azure's 2026-10-01T00:00:00Z; it tells models that go nowhere with none, or with the year 9999."""
    if not isinstance(text, str) or not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        found = moment.astimezone(UTC).date() if moment.tzinfo else moment.date()
    except (ValueError, OverflowError):
        return None
    return None if found.year >= 9999 else found
