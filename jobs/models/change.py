"""A change of one deployment before it is made: what is sent, what is expected, and the checks that it passed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from azure.core.exceptions import ResourceNotFoundError

from jobs.azure.arm import Arm
from jobs.azure.errors import error_reason
from jobs.errors import ErrorKind, JobError
from jobs.models import checks, deployments
from jobs.models.account import ModelAccount, check_name
from jobs.models.deployments import Deployment, read_deployment
from jobs.models.exits import NotOfferedError
from jobs.models.offers import Offer, list_account_offers, list_offers, today
from jobs.models.regions import list_room, room_in
from jobs.models.rows import deployed_offer
from jobs.models.target_model import TargetModel, parse_target

RUNWAY_DAYS = 90


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One change. `before` is None for a new deployment; `changes` are the values that it has to have afterwards."""

    verb: str
    account: ModelAccount
    name: str
    before: Deployment | None
    method: str
    body: Mapping[str, Any]
    changes: Mapping[str, Any]
    notes: tuple[str, ...] = field(default=())
    entry: Mapping[str, Any] | None = None  # of a new deployment: what its entry of the setting says

    @property
    def is_done(self) -> bool:
        """Whether the deployment has the values already: by this command before it was killed, or by others."""
        return self.before is not None and has_values(self.before.values(), self.changes)

    @property
    def expected(self) -> Mapping[str, Any]:
        """What the deployment has to have afterwards: all that a PUT says, not only what it changes."""
        return Deployment(self.body).values() if self.method == "PUT" else self.changes

    def summary(self) -> str:
        old = self.before.values() if self.before else {}
        texts = [f"{key} {old.get(key)} -> {value}" for key, value in self.changes.items() if old.get(key) != value]
        what = ", ".join(texts) or "as it is"
        return "\n".join([f"{self.verb} {self.name} in {self.account.name}: {what}", *self.notes])


def has_values(has: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """Whether a deployment has these values. Azure writes names of SKUs and models in different cases."""
    return all(str(has[key]).lower() == str(value).lower() for key, value in values.items() if key in has)


def all_offers(arm: Arm, account: ModelAccount, deployment: Deployment) -> list[Offer]:
    """The region's offers; the account's too where they have not the deployment's model, a fine-tuned one."""
    offers = list_offers(arm, account.subscription, account.region)
    return offers if deployed_offer(deployment, offers) else [*offers, *list_account_offers(arm, account.path)]


def plan_upgrade(arm: Arm, account: ModelAccount, name: str, text: str, runway: int = RUNWAY_DAYS) -> Plan:
    """Another version, or another family where it is provisioned, in place. Raises JobError and AzureError."""
    before = read_named(arm, account, name)
    target = parse_target(text, before.model)
    changes = {"model": target.model, "version": target.version}
    plan = Plan(
        verb="upgrade",
        account=account,
        name=before.name,
        before=before,
        method="PUT",
        body=deployments.with_model(before, *target),
        changes=changes,
        notes=upgrade_notes(before),
    )
    if not plan.is_done:
        checks.check_in_place(before, target, account)
        check_upgrade(arm, account, before, target, runway)
    return plan


def check_upgrade(arm: Arm, account: ModelAccount, before: Deployment, target: TargetModel, runway: int) -> None:
    """Raise where the target is not offered, ends soon, or has no room."""
    offers = all_offers(arm, account, before)
    offer = checks.find_target(before, target, offers, account.region)
    checks.check_alive(offer, today(), runway)
    checks.check_capacity(offer, before.capacity, before.kind)
    now = deployed_offer(before, offers)
    checks.check_quota(offer, before.capacity, now.bucket if now else "")
    if before.kind == "provisioned":
        check_provisioned_room(arm, account, offer, before.capacity)


def check_provisioned_room(arm: Arm, account: ModelAccount, offer: Offer, capacity: int) -> None:
    """Raise QuotaError where the region has not the machines: a quota alone does not hold them."""
    scope = f"/subscriptions/{account.subscription}"
    rooms = list_room(arm, scope, offer.format, TargetModel(offer.model, offer.version))
    checks.check_room(offer, room_in(rooms, account.region, offer.sku), capacity, account.region)


def upgrade_notes(before: Deployment) -> tuple[str, ...]:
    if before.kind == "provisioned":
        return ("It takes 20 to 30 minutes, and serves meanwhile.",)
    return ("Jobs that wait in it have to be sent again.",) if before.kind == "batch" else ()


def plan_watch(arm: Arm, account: ModelAccount, name: str) -> Plan:
    """No change: only to wait for one that is at work. Raises JobError and AzureError."""
    before = read_named(arm, account, name)
    return Plan(verb="watch", account=account, name=before.name, before=before, method="", body={}, changes={})


def plan_policy(arm: Arm, account: ModelAccount, name: str, policy: str) -> Plan:
    """Another upgrade policy, written explicitly. Raises JobError and AzureError."""
    before = read_named(arm, account, name)
    never = f"{before.sku} is never moved, whatever the policy says."
    return Plan(
        verb="policy",
        account=account,
        name=before.name,
        before=before,
        method="PUT",
        body=deployments.with_policy(before, policy),
        changes={"policy": policy},
        notes=(never,) if before.kind in ("provisioned", "batch") else (),
    )


def plan_scale(arm: Arm, account: ModelAccount, name: str, capacity: int) -> Plan:
    """Another capacity. Raises JobError and AzureError."""
    before = read_named(arm, account, name)
    unit = checks.UNITS.get(before.kind, "units")
    plan = Plan(
        verb="scale",
        account=account,
        name=before.name,
        before=before,
        method="PATCH",
        body=deployments.with_capacity(before, capacity),
        changes={"capacity": capacity},
        notes=(f"The unit is {unit}.",),
    )
    if not plan.is_done:
        offer = deployed_offer(before, all_offers(arm, account, before))
        if offer is None:
            raise NotOfferedError(f"Azure lists {before.model} {before.version} no more: it cannot be scaled.")
        checks.check_capacity(offer, capacity, before.kind)
        checks.check_quota(offer, capacity - before.capacity, "")
        if before.kind == "provisioned":
            check_provisioned_room(arm, account, offer, capacity - before.capacity)
    return plan


def read_named(arm: Arm, account: ModelAccount, name: str) -> Deployment:
    """A deployment that has to be there. Raises JobError where it is not, and AzureError."""
    try:
        return read_deployment(arm, account, check_name(name, "deployment"))
    except ResourceNotFoundError as error:
        raise JobError(
            f"{account.name} has no deployment {name} ({error_reason(error)}): `models report` lists all.",
            ErrorKind.not_found,
        ) from error


def find_deployment(arm: Arm, account: ModelAccount, name: str) -> Deployment | None:
    """A deployment, None where there is none of that name. Raises AzureError.

    A 404 for the account is not an answer about the deployment.
    """
    try:
        return read_deployment(arm, account, name)
    except ResourceNotFoundError:
        deployments.list_deployments(arm, account)
        return None
