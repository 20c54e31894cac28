"""Whether a change is possible, before anything is sent: offered, in place, alive long enough, with room. Pure.

Each check raises the error whose exit status says why.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from jobs.models.account import ModelAccount
from jobs.models.availability import absence_reason, find_offer
from jobs.models.deployments import Deployment
from jobs.models.exits import NotOfferedError, QuotaError, RetiredError
from jobs.models.life import RETIRED, stage
from jobs.models.offers import Offer
from jobs.models.requested import RequestedModel
from jobs.models.target_model import TargetModel

UNITS = {"provisioned": "PTU", "token": "thousands of tokens a minute", "batch": "thousands of tokens a day"}


def check_in_place(deployment: Deployment, target: TargetModel, account: ModelAccount) -> None:
    """Raise NotOfferedError for another family by the token: Azure answers CannotChangeDeploymentModel."""
    if target.model.lower() != deployment.model.lower() and deployment.kind != "provisioned":
        command = account.command(f"migrate start {deployment.name} {target.model}@{target.version}")
        raise NotOfferedError(
            f"{deployment.name} is {deployment.sku}: Azure changes only its version in place, not {deployment.model} "
            f"to {target.model} (CannotChangeDeploymentModel). Deploy it beside: `{command}`."
        )


def find_target(deployment: Deployment, target: TargetModel, offers: Sequence[Offer], region: str) -> Offer:
    """What Azure offers of a target for a deployment's SKU. Raises NotOfferedError."""
    request = as_request(deployment, target)
    offer = find_offer(request, offers)
    if offer is None:
        raise NotOfferedError(f"{absence_reason(request, offers)} ({region}): `models list --model {target.model}`.")
    return offer


def as_request(deployment: Deployment, target: TargetModel) -> RequestedModel:
    return RequestedModel(
        alias=deployment.name,
        model=target.model,
        version=target.version,
        sku=deployment.sku,
        capacity=deployment.capacity,
        format=deployment.format,
    )


def check_alive(offer: Offer, today: date, runway: int) -> None:
    """Raise RetiredError for a target that is retired or has less than `runway` days, NotOfferedError where it ends."""
    name = f"{offer.model} {offer.version}"
    if stage(offer.status, offer.retires, today) == RETIRED:
        since = f" since {offer.retires}" if offer.retires else ""
        raise RetiredError(f"{name} {offer.sku} is retired{since}: `models list` shows what can be deployed.")
    if offer.retires and offer.retires < today + timedelta(days=runway):
        raise RetiredError(
            f"{name} {offer.sku} retires on {offer.retires}, in less than {runway} days: choose one that lives longer, "
            "or a smaller --runway."
        )
    if not offer.is_deployable(today):
        raise NotOfferedError(
            f"{name} is {offer.status}: Azure no longer deploys it; `models list` shows what it does."
        )


def check_capacity(offer: Offer, capacity: int, kind: str) -> None:
    """Raise NotOfferedError for a capacity that the SKU does not take."""
    unit = UNITS.get(kind, "units")
    if problem := offer.room.problem(capacity):
        raise NotOfferedError(f"{offer.sku} of {offer.model} {offer.version} takes {problem} {unit}, not {capacity}.")


def check_quota(offer: Offer, needed: float, held_in: str) -> None:
    """Raise QuotaError where the quota has not so much free. What is held in the same bucket is not needed again.

    Azure may lower a quota below what is used: less than nothing is free, and less capacity needs none of it.
    """
    if needed <= 0 or offer.bucket.lower() == held_in.lower() or offer.free is None or needed <= offer.free:
        return
    raise QuotaError(
        f"The quota {offer.bucket} has {offer.free:g} of {offer.limit:g} free, {needed:g} are needed: ask for more in "
        f"the portal, or try `models regions {offer.model}@{offer.version}`."
    )


def check_room(offer: Offer, room: float, capacity: int, region: str) -> None:
    """Raise QuotaError where the region has not the machines for a provisioned deployment."""
    if room < capacity:
        raise QuotaError(
            f"{region} has room for {room:g} {offer.sku} of {offer.model} {offer.version}, {capacity} are needed: see "
            f"`models regions {offer.model}@{offer.version} --sku {offer.sku} --capacity {capacity}`."
        )
