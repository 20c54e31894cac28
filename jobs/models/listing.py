"""The models of a region, the best to choose first."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from jobs.azure.arm import Arm
from jobs.azure.errors import translate_errors
from jobs.models.account import find_account
from jobs.models.choice import Choice
from jobs.models.life import stage
from jobs.models.offers import GA_STATUSES, HINT, ROLE, Offer, list_account_offers, list_offers, today
from jobs.models.replacements import SMALL_MODEL, TOKEN_BILLED_SKUS
from jobs.notice import say_if_slow


@dataclass(frozen=True)
class Row:
    """One line of the list. `fits` says whether the quota has room for the smallest deployment."""

    model: str
    version: str
    sku: str
    format: str
    status: str
    default: bool
    retires: str | None
    used: float | None
    limit: float | None
    fits: bool
    alive: bool
    stage: str
    lifecycle: str
    retires_from: str | None
    capabilities: tuple[str, ...]
    finetune: tuple[str, ...]


@dataclass(frozen=True)
class Listing:
    """The models of one region, the best to choose first."""

    region: str
    models: tuple[Row, ...]

    def summary(self) -> str:
        if not self.models:
            return f"{self.region} has no model that can be deployed: `--all` shows the others."
        widest = max(len(each.model) for each in self.models)
        head = f"{'model':<{widest}}  {'version':<12} {'sku':<24} {'quota free':>15}  {'until':<10}  state"
        lines = [
            f"{each.model:<{widest}}  {each.version:<12} {each.sku:<24} {quota(each.used, each.limit):>15}"
            f"  {each.retires or 'no date':<10}  {each.status}{', default' if each.default else ''}"
            for each in self.models
        ]
        return "\n".join([f"Models in {self.region}; quota in thousands of tokens a minute.", head, *lines])


def quota(used: float | None, limit: float | None) -> str:
    return "unknown" if limit is None else f"{limit - (used or 0):,g} of {limit:,g}"


@dataclass(frozen=True)
class Filter:
    """Which offers are listed. `everything`: retired ones and every SKU too, as with a model or days."""

    everything: bool = False
    capability: str | None = None
    expiring: int | None = None
    model: str | None = None

    def matches(self, offer: Offer, now: date) -> bool:
        wanted = (self.capability or "").lower()
        if wanted and wanted not in {each.lower() for each in offer.capabilities | offer.finetune}:
            return False
        if self.model and offer.model.lower() != self.model.lower():
            return False
        if self.expiring is not None:
            return offer.retires is not None and now < offer.retires <= now + timedelta(days=self.expiring)
        return self.everything or bool(self.model) or (offer.is_deployable(now) and offer.sku in TOKEN_BILLED_SKUS)


@say_if_slow("Asking Azure for its models")
def list_models(choice: Choice, region: str | None, chosen: Filter) -> Listing:
    """The offers of a region, or those that one account may use. Raises JobError when Azure does not answer."""
    with Arm() as arm, translate_errors(f"the account {choice.account}", ROLE, HINT):
        account = find_account(arm, choice)
    location = region or account.region
    with Arm() as arm, translate_errors(f"the models of {location}", ROLE, HINT):
        offers = list_offers(arm, account.subscription, location)
        if choice.account and not region:
            offers = with_quotas(list_account_offers(arm, account.path), offers)
    return Listing(location, tuple(rows(offers, today(), chosen)))


def with_quotas(own: Sequence[Offer], offers: Sequence[Offer]) -> list[Offer]:
    """An account's offers with the quotas of the region's."""
    quotas = {each.bucket.lower(): (each.used, each.limit) for each in offers}
    found = ((each, quotas.get(each.bucket.lower(), (None, None))) for each in own)
    return [replace(each, used=used, limit=limit) for each, (used, limit) in found]


def rows(offers: Sequence[Offer], now: date, chosen: Filter) -> list[Row]:
    """Sorted: deployable and with quota, then deployable, then the rest; small models first, then by lifetime."""
    shown = [each for each in offers if chosen.matches(each, now)]
    return [row(each, now) for each in sorted(shown, key=lambda each: rank(each, now))]


def rank(each: Offer, now: date) -> tuple[bool, bool, bool, bool, date, str, str]:
    return (
        not each.is_deployable(now),
        not (each.free and each.free >= 1),
        each.status not in GA_STATUSES,
        not SMALL_MODEL.search(each.model),
        date.max - ((each.retires or date.max) - date.min),
        each.model,
        each.sku,
    )


def row(each: Offer, now: date) -> Row:
    return Row(
        model=each.model,
        version=each.version,
        sku=each.sku,
        format=each.format,
        status=each.status,
        default=each.default,
        retires=each.retires.isoformat() if each.retires else None,
        used=each.used,
        limit=each.limit,
        fits=bool(each.free and each.free >= 1),
        alive=each.is_deployable(now),
        stage=stage(each.status, each.retires, now),
        lifecycle=each.status,
        retires_from=each.retires_from,
        capabilities=tuple(sorted(each.capabilities)),
        finetune=tuple(sorted(each.finetune)),
    )
