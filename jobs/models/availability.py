"""Whether the models of a stack can be deployed, and what could be in place of one that cannot. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, TypeAlias

from jobs.models.offers import Offer
from jobs.models.replacements import find_replacement
from jobs.models.requested import RequestedModel

SOON = timedelta(days=60)

Status: TypeAlias = Literal["ok", "warning", "problem"]
Found: TypeAlias = tuple[Status, str]


@dataclass(frozen=True)
class Verdict:
    """What became of one wish. `replacement` is a model, version and SKU that can be deployed instead."""

    alias: str
    model: str
    version: str
    sku: str
    capacity: int
    status: Status
    message: str
    retires: date | None
    used: float | None
    limit: float | None
    replacement: dict[str, str] | None


def check_all(wished: Sequence[RequestedModel], offers: Sequence[Offer], today: date) -> list[Verdict]:
    """A verdict for each wish. Those that count against one bucket have to fit into it together."""
    taken: dict[str, float] = {}
    verdicts = []
    for wish in wished:
        offer = find_offer(wish, offers)
        if offer is None:
            found: Found = ("problem", absence_reason(wish, offers))
        else:
            found = check_availability(wish, offer, taken.get(offer.bucket, 0.0), today)
            taken[offer.bucket] = taken.get(offer.bucket, 0.0) + wish.need
        instead = find_replacement(wish, offers, today) if found[0] == "problem" else None
        verdicts.append(check_one(wish, offer, found, instead))
    return verdicts


def check_one(wish: RequestedModel, offer: Offer | None, found: Found, instead: Offer | None) -> Verdict:
    return Verdict(
        alias=wish.alias,
        model=wish.model,
        version=wish.version,
        sku=wish.sku,
        capacity=wish.capacity,
        status=found[0],
        message=found[1],
        retires=offer.retires if offer else None,
        used=offer.used if offer else None,
        limit=offer.limit if offer else None,
        replacement={"model": instead.model, "version": instead.version, "sku": instead.sku} if instead else None,
    )


def find_offer(wish: RequestedModel, offers: Sequence[Offer]) -> Offer | None:
    wanted = (wish.format, wish.model, wish.version, wish.sku)
    return next((each for each in offers if (each.format, each.model, each.version, each.sku) == wanted), None)


def absence_reason(wish: RequestedModel, offers: Sequence[Offer]) -> str:
    """Which part of the wish is not offered: model, version or SKU."""
    same = [each for each in offers if (each.format, each.model) == (wish.format, wish.model)]
    if not same:
        return f"{wish.model} is not offered in the region"
    skus = sorted({each.sku for each in same if each.version == wish.version})
    if skus:
        return f"{wish.model} {wish.version} is not offered as {wish.sku}, only as {', '.join(skus)}"
    return (
        f"{wish.model} is not offered in version {wish.version}, only in {', '.join(sorted({o.version for o in same}))}"
    )


def check_availability(wish: RequestedModel, offer: Offer, before: float, today: date) -> Found:
    """Life first, then quota, of which `before` is spoken for by other wishes."""
    name = f"{wish.model} {wish.version}"
    if offer.retires and offer.retires <= today:
        return "problem", f"{name} was retired on {offer.retires}"
    if not offer.alive(today) and not (wish.held and offer.status == "Deprecating"):
        return "problem", f"{name} is {offer.status}: Azure deploys it no more"
    if offer.largest is not None and wish.capacity > offer.largest:
        return "problem", f"a capacity of {wish.capacity} is more than {wish.sku} takes, {offer.largest}"
    if offer.free is not None and wish.need > offer.free - before:
        spoken = f", {before:g} of it for other models of the stack" if before else ""
        return "problem", f"quota of {wish.sku}: {wish.need:g} needed, {offer.free:g} of {offer.limit:g} free{spoken}"
    return check_warnings(name, offer, today)


def check_warnings(name: str, offer: Offer, today: date) -> Found:
    """Good for now, or good for everything that can be seen."""
    if offer.free is None:
        text = f"{name} is offered; its quota {offer.bucket} is not the region's: see Quota in the Foundry portal"
        return "warning", text
    if offer.retires and offer.retires <= today + SOON:
        return "warning", f"{name} retires on {offer.retires}"
    if offer.status in ("Legacy", "Deprecating"):
        return "warning", f"{name} is {offer.status}: choose a newer one soon"
    until = f"until {offer.retires}" if offer.retires else "with no date of retirement"
    return "ok", f"{name} {offer.sku}, {until}; {offer.free:g} of {offer.limit:g} free"
