"""The models of a region, the best to choose first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from jobs.azure.account import signed_in_account, subscription_id
from jobs.azure.arm import Arm
from jobs.azure.errors import translate_errors
from jobs.configuration import Configuration
from jobs.models.offers import GA_STATUSES, HINT, ROLE, Offer, list_offers, today
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


@say_if_slow("Asking Azure for its models")
def list_models(config: Configuration, region: str | None, everything: bool) -> Listing:
    """The offers of a region that can be deployed, or all. Raises JobError when Azure does not answer."""
    location = region or config.ai_location
    with translate_errors(f"the models of {location}", ROLE, HINT), Arm() as arm:
        offers = list_offers(arm, subscription_id(config, signed_in_account()), location)
    return Listing(location, tuple(rows(offers, today(), everything)))


def rows(offers: Sequence[Offer], now: date, everything: bool) -> list[Row]:
    """Sorted: deployable and with quota, then deployable, then the rest; small models first, then by lifetime."""
    shown = [each for each in offers if everything or (each.is_deployable(now) and each.sku in TOKEN_BILLED_SKUS)]
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
    )
