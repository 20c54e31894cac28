"""Whether the models of a stack can be deployed, and what can replace one that cannot. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, NamedTuple, TypeAlias

from jobs.models.exits import NotOfferedError, QuotaError, RetiredError
from jobs.models.offers import Offer
from jobs.models.replacements import find_replacement
from jobs.models.requested import RequestedModel

SOON = timedelta(days=60)

Status: TypeAlias = Literal["ok", "warning", "problem"]


class Finding(NamedTuple):
    """What was found about one request. `exit_status`: of a problem."""

    status: Status
    message: str
    exit_status: int = 0


@dataclass(frozen=True)
class Verdict:
    """The result for one requested model. `replacement` is a model, version and SKU that can be deployed instead."""

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
    exit_status: int = 0


def check_all(requests: Sequence[RequestedModel], offers: Sequence[Offer], today: date) -> list[Verdict]:
    """A verdict for each request. Requests that count against the same quota have to fit into it together."""
    reserved: dict[str, float] = {}
    verdicts = []
    for request in requests:
        offer = find_offer(request, offers)
        if offer is None:
            finding = Finding("problem", absence_reason(request, offers), NotOfferedError.status)
        else:
            finding = check_availability(request, offer, reserved.get(offer.bucket, 0.0), today)
            reserved[offer.bucket] = reserved.get(offer.bucket, 0.0) + request.required_quota
        instead = find_replacement(request, offers, today) if finding.status == "problem" else None
        verdicts.append(to_verdict(request, offer, finding, instead))
    return verdicts


def to_verdict(request: RequestedModel, offer: Offer | None, finding: Finding, instead: Offer | None) -> Verdict:
    return Verdict(
        alias=request.alias,
        model=request.model,
        version=request.version,
        sku=request.sku,
        capacity=request.capacity,
        status=finding.status,
        message=finding.message,
        exit_status=finding.exit_status,
        retires=offer.retires if offer else None,
        used=offer.used if offer else None,
        limit=offer.limit if offer else None,
        replacement={"model": instead.model, "version": instead.version, "sku": instead.sku} if instead else None,
    )


def find_offer(request: RequestedModel, offers: Sequence[Offer]) -> Offer | None:
    key = (request.format, request.model, request.version, request.sku.lower())
    return next((each for each in offers if (each.format, each.model, each.version, each.sku.lower()) == key), None)


def absence_reason(request: RequestedModel, offers: Sequence[Offer]) -> str:
    """Which part of the request is not offered: model, version or SKU."""
    same = [each for each in offers if (each.format, each.model) == (request.format, request.model)]
    if not same:
        return f"{request.model} is not offered in the region"
    skus = sorted({each.sku for each in same if each.sku and each.version == request.version})
    if skus:
        return f"{request.model} {request.version} is not offered as {request.sku}, only as {', '.join(skus)}"
    versions = ", ".join(sorted({each.version for each in same}))
    return f"{request.model} is not offered in version {request.version}, only in {versions}"


def check_availability(request: RequestedModel, offer: Offer, reserved: float, today: date) -> Finding:
    """Its lifecycle first, then its quota, of which other requests have `reserved` a part."""
    name = f"{request.model} {request.version}"
    if offer.retires and offer.retires <= today:
        return Finding("problem", f"{name} was retired on {offer.retires}", RetiredError.status)
    if not offer.is_deployable(today) and not (request.held_quota and offer.status == "Deprecating"):
        ended = RetiredError.status if offer.status == "Deprecated" else NotOfferedError.status
        return Finding("problem", f"{name} is {offer.status}: Azure no longer deploys it", ended)
    if offer.room.maximum is not None and request.capacity > offer.room.maximum:
        text = f"a capacity of {request.capacity} is more than {request.sku} allows, {offer.room.maximum}"
        return Finding("problem", text, QuotaError.status)
    if problem := offer.room.problem(request.capacity):
        text = f"{request.sku} of {name} takes {problem}, not a capacity of {request.capacity}"
        return Finding("problem", text, NotOfferedError.status)
    if request.required_quota > 0 and offer.free is not None and request.required_quota > offer.free - reserved:
        others = f", {reserved:g} of it for other models of the stack" if reserved else ""
        numbers = f"{request.required_quota:g} needed, {offer.free:g} of {offer.limit:g} free{others}"
        return Finding("problem", f"quota of {request.sku}: {numbers}", QuotaError.status)
    return check_warnings(name, request, offer, today)


def check_warnings(name: str, request: RequestedModel, offer: Offer, today: date) -> Finding:
    """A warning, or ok, for a model that can be deployed."""
    if offer.free is None:
        text = f"{name} is offered; its quota {offer.bucket} is not one of the region: see Quota in the Foundry portal"
        return Finding("warning", text)
    if request.two_changes:
        return Finding("warning", f"{request.two_changes}: set one, run `pulumi up`, then set the other")
    if offer.retires and offer.retires <= today + SOON:
        return Finding("warning", f"{name} retires on {offer.retires}")
    if offer.status in ("Legacy", "Deprecating"):
        return Finding("warning", f"{name} is {offer.status}: choose a newer one soon")
    until = f"until {offer.retires}" if offer.retires else "without a retirement date"
    return Finding("ok", f"{name} {offer.sku}, {until}; {offer.free:g} of {offer.limit:g} free")
