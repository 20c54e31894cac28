"""The models that Azure offers in a region, and the subscription's quota for each.

A deployment counts against the quota bucket that the model's SKU names (`usageName`): its name cannot be derived.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from jobs.azure import api_versions
from jobs.azure.arm import Arm

ROLE = "Cognitive Services Usages Reader of the subscription"
HINT = "`python -m jobs doctor` finds the cause"
ACCOUNT_KINDS = ("AIServices", "OpenAI")  # Foundry's is the first, and offers what the second does
DEPLOYABLE_STATUSES = ("GenerallyAvailable", "Stable", "Preview", "Legacy")
NO_DAY = date(2099, 12, 31)  # the specification's own example of "no date"
GA_STATUSES = ("GenerallyAvailable", "Stable")


@dataclass(frozen=True)
class CapacityRule:
    """Which capacities a SKU takes. None and () where Azure names none."""

    minimum: int | None = None
    maximum: int | None = None
    step: int | None = None
    allowed: tuple[int, ...] = ()

    def problem(self, capacity: int) -> str:
        """What the SKU takes, where that is not the capacity; empty where it is. Steps count from the minimum."""
        if self.allowed:
            return "" if capacity in self.allowed else f"only {', '.join(map(str, self.allowed))}"
        if self.minimum is not None and capacity < self.minimum:
            return f"at least {self.minimum}"
        if self.maximum is not None and capacity > self.maximum:
            return f"at most {self.maximum}"
        if self.step and (capacity - (self.minimum or 0)) % self.step:
            first = f" from {self.minimum}" if self.minimum else ""
            return f"steps of {self.step}{first}"
        return ""


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One model, version and SKU. Quota and capacity are in the SKU's unit, thousands of tokens a minute for most.

    `used` and `limit` are None where the region's usages do not have the bucket: it may be one of the subscription.
    """

    model: str
    version: str
    format: str
    sku: str
    status: str
    default: bool
    retires: date | None
    retires_from: str | None  # "sku" or "model": whose date it is; None without a date
    model_retires: date | None
    tentative: bool  # Azure says so of the model's date
    bucket: str
    used: float | None
    limit: float | None
    room: CapacityRule
    replacement: tuple[str, str] | None
    starts: date | None  # from when Azure moves deployments that follow the default version
    lead_days: int  # how many days before `retires` Azure moves those that wait for it
    capabilities: frozenset[str]
    finetune: frozenset[str]
    base_model: bool  # False for a fine-tuned one
    training_ends: date | None

    @property
    def free(self) -> float | None:
        return None if self.limit is None else self.limit - (self.used or 0)

    def is_deployable(self, today: date) -> bool:
        """Whether a new customer can deploy it. Deprecating ones are for those who have a deployment already."""
        return self.status in DEPLOYABLE_STATUSES and not (self.retires and self.retires <= today)


def list_offers(arm: Arm, subscription_id: str, region: str) -> list[Offer]:
    """Every offer of a region. Raises AzureError.

    https://learn.microsoft.com/rest/api/aiservices/accountmanagement/models/list
    https://learn.microsoft.com/rest/api/aiservices/accountmanagement/usages/list
    """
    path = f"/subscriptions/{subscription_id}/providers/Microsoft.CognitiveServices/locations/{region}"
    usages = list(arm.pages(f"{path}/usages", api_versions.COGNITIVE_SERVICES))
    return parse_offers(arm.pages(f"{path}/models", api_versions.COGNITIVE_SERVICES), usages)


def parse_offers(models: Iterable[Mapping[str, Any]], usages: Iterable[Mapping[str, Any]]) -> list[Offer]:
    """Azure's two lists as offers, each once: models are listed for every kind of account that supports them."""
    buckets = {str(each["name"]["value"]).lower(): each for each in usages if (each.get("name") or {}).get("value")}
    offers: dict[tuple[str, str, str, str], Offer] = {}
    supported = (each for each in models if each.get("kind") in ACCOUNT_KINDS)
    for each in sorted(supported, key=lambda one: ACCOUNT_KINDS.index(one["kind"])):
        model = each.get("model") or {}
        for sku in model.get("skus") or [{"name": ""}]:  # a fine-tuned one may have none
            offer = to_offer(model, sku, buckets.get(str(sku.get("usageName")).lower()))
            offers.setdefault((offer.format, offer.model, offer.version, offer.sku.lower()), offer)
    return list(offers.values())


def list_account_offers(arm: Arm, account_path: str) -> list[Offer]:
    """What one account may use, its own fine-tuned models too, without quotas. Raises AzureError.

    https://learn.microsoft.com/rest/api/aiservices/accountmanagement/accounts/list-models
    """
    models = arm.pages(f"{account_path}/models", api_versions.COGNITIVE_SERVICES)
    return parse_offers(({"kind": ACCOUNT_KINDS[0], "model": each} for each in models), [])


def to_offer(model: Mapping[str, Any], sku: Mapping[str, Any], usage: Mapping[str, Any] | None) -> Offer:
    target = model.get("replacementConfig") or {}
    deprecation, room = model.get("deprecation") or {}, sku.get("capacity") or {}
    # The SKU's own date first: one SKU of a model may be retired months before another.
    own, shared = parse_day(sku.get("deprecationDate")), parse_day(deprecation.get("inference"))
    return Offer(
        model=str(model.get("name")),
        version=str(model.get("version")),
        format=str(model.get("format")),
        sku=str(sku.get("name")),
        status=str(model.get("lifecycleStatus") or "GenerallyAvailable"),
        default=bool(model.get("isDefaultVersion")),
        retires=own or shared,
        retires_from="sku" if own else "model" if shared else None,
        model_retires=shared,
        tentative=own is None and deprecation.get("deprecationStatus") == "Tentative",
        bucket=str(sku.get("usageName") or ""),
        used=usage.get("currentValue") if usage else None,
        limit=usage.get("limit") if usage else None,
        room=CapacityRule(
            room.get("minimum"), room.get("maximum"), room.get("step"), tuple(room.get("allowedValues") or ())
        ),
        replacement=(name, str(target.get("targetModelVersion") or ""))
        if (name := str(target.get("targetModelName") or ""))
        else None,
        starts=parse_day(target.get("autoUpgradeStartDate")),
        lead_days=int(target.get("upgradeOnExpiryLeadTimeDays") or 0),
        capabilities=enabled(model.get("capabilities")),
        finetune=enabled(model.get("finetuneCapabilities")),
        base_model=not model.get("baseModel"),
        training_ends=parse_day(deprecation.get("fineTune")),
    )


def enabled(abilities: Mapping[str, Any] | None) -> frozenset[str]:
    """The names of the capabilities that a model has: Azure's values are the texts "true" and "false"."""
    return frozenset(key for key, value in (abilities or {}).items() if str(value).lower() == "true")


def today() -> date:
    """Today in UTC, as Azure's dates are."""
    return datetime.now(UTC).date()


def parse_day(text: Any) -> date | None:
    """The day of Azure's 2026-10-01T00:00:00Z. Models without a retirement date have none, the year 9999, or NO_DAY."""
    if not isinstance(text, str) or not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        day = moment.astimezone(UTC).date() if moment.tzinfo else moment.date()
    except (ValueError, OverflowError):
        return None
    return None if day.year >= 9999 or day == NO_DAY else day
