"""The rows of the report: what happens to each deployment, on which day, and what to put in its place. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from jobs.lines import NAMES
from jobs.models import drift
from jobs.models.account import ModelAccount
from jobs.models.deployments import Deployment
from jobs.models.life import RETIRED, Case, effective_policy, on_that_day, stage
from jobs.models.offers import Offer
from jobs.models.replacements import find_replacement
from jobs.models.requested import RequestedModel

# What no line shows, and what neither XML nor UTF-8 can hold.
HIDDEN = re.compile(f"{NAMES.pattern}|[\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One deployment. Dates are 2027-03-18, None where there is none; `days` are those until `retires`.

    `lifecycle` is the API's word and `stage` the page's. `sequence` counts how often the date has moved.
    """

    name: str
    model: str
    version: str
    sku: str
    capacity: int
    state: str
    lifecycle: str | None
    stage: str
    retires: str | None
    retires_from: str | None
    tentative: bool
    days: int | None
    policy: str | None
    policy_effective: str
    on_that_day: str
    acts_by: str | None
    replacement: dict[str, str] | None
    setting: dict[str, Any] | None
    drift: str | None
    account: str
    resource_group: str
    region: str
    fine_tuned: bool
    training_ends: str | None
    sequence: int = 0

    @property
    def key(self) -> str:
        """What names it among all of a subscription: two groups may have accounts of one name."""
        return f"{self.resource_group}/{self.account}/{self.name}".lower()


def to_rows(
    account: ModelAccount, deployments: Sequence[Deployment], offers: Sequence[Offer], today: date
) -> list[Row]:
    """A row for each deployment, those that act first on top."""
    entries = account.config.models if account.config else ()
    rows = [to_row(account, each, offers, drift.find_entry(entries, each.name), today) for each in deployments]
    return sorted(rows, key=lambda each: (each.acts_by or "9999", each.name))


def to_row(
    account: ModelAccount,
    deployment: Deployment,
    offers: Sequence[Offer],
    entry: Mapping[str, Any] | None,
    today: date,
) -> Row:
    offer = deployed_offer(deployment, offers)
    case = to_case(deployment, offer, offers)
    fate = on_that_day(case, today)
    target = case.target or suggested(deployment, offer, offers, today)
    what = f"{fate.what}{advice(deployment, case, target)}" if case.stays or not case.listed else fate.what
    values: dict[str, Any] = dict(
        name=deployment.name,
        model=deployment.model,
        version=deployment.version,
        sku=deployment.sku,
        capacity=deployment.capacity,
        state=deployment.state,
        lifecycle=offer.status if offer else None,
        stage=stage(offer.status, offer.retires, today) if offer else RETIRED,
        retires=day(offer.retires) if offer else None,
        retires_from=offer.retires_from if offer else None,
        tentative=bool(offer and offer.tentative),
        days=(offer.retires - today).days if offer and offer.retires else None,
        policy=deployment.policy,
        policy_effective=effective_policy(deployment.policy),
        on_that_day=what,
        acts_by=day(fate.acts_by),
        replacement={"model": target[0], "version": target[1]} if target else None,
        setting=drift.entry_values(entry) if entry else None,
        drift=drift.explain_drift(entry, deployment, account.choice.options()),
        account=account.name,
        resource_group=account.group,
        region=account.region,
        fine_tuned=case.fine_tuned,
        training_ends=day(offer.training_ends) if offer and case.fine_tuned else None,
    )
    return Row(**{key: plain(value) for key, value in values.items()})


def deployed_offer(deployment: Deployment, offers: Sequence[Offer]) -> Offer | None:
    """What Azure lists for a deployment's model and SKU; None for a model that it lists no more.

    Where the model is listed without that SKU, another SKU's, with the model's date.
    """
    same = [
        each
        for each in offers
        if (each.format, each.model, each.version) == (deployment.format, deployment.model, deployment.version)
    ]
    own = next((each for each in same if each.sku.lower() == deployment.sku.lower()), None)
    if own or not same:
        return own
    date_of_model = same[0].model_retires
    return replace(same[0], retires=date_of_model, retires_from="model" if date_of_model else None)


def to_case(deployment: Deployment, offer: Offer | None, offers: Sequence[Offer]) -> Case:
    """The facts that decide what happens to a deployment."""
    default = default_version(deployment, offers)
    newer = default is not None and default[1] != deployment.version and not is_older(default[1], deployment.version)
    return Case(
        policy=effective_policy(deployment.policy),
        kind=deployment.kind,
        lifecycle=offer.status if offer else "",
        listed=offer is not None,
        fine_tuned=bool(offer and not offer.base_model),
        retires=offer.retires if offer else None,
        starts=offer.starts if offer else None,
        lead_days=offer.lead_days if offer else 0,
        target=(offer.replacement if offer else None) or (default if newer else None),
        newer_default=newer,
    )


def default_version(deployment: Deployment, offers: Sequence[Offer]) -> tuple[str, str] | None:
    """The default version of a deployment's model, with the model's name."""
    named = (each for each in offers if (each.format, each.model) == (deployment.format, deployment.model))
    return next(((each.model, each.version) for each in named if each.default), None)


def is_older(one: str, other: str) -> bool:
    """Whether both versions are dates and the first is earlier: Azure moves nobody to it before it is changed."""
    try:
        return date.fromisoformat(one) < date.fromisoformat(other)
    except ValueError:
        return False


def suggested(
    deployment: Deployment, offer: Offer | None, offers: Sequence[Offer], today: date
) -> tuple[str, str] | None:
    """What can be put in the place of a retired model for which Azure names nothing."""
    if offer is not None and stage(offer.status, offer.retires, today) != RETIRED:
        return None
    request = RequestedModel(
        alias=deployment.name,
        model=deployment.model,
        version=deployment.version,
        sku=deployment.sku,
        capacity=deployment.capacity,
        format=deployment.format,
    )
    found = find_replacement(request, offers, today)
    return (found.model, found.version) if found else None


def advice(deployment: Deployment, case: Case, target: tuple[str, str] | None) -> str:
    """The command that puts the replacement in a deployment's place: in place where Azure takes that."""
    if target is None or case.fine_tuned:
        return "; no replacement named yet"
    in_place = case.kind == "provisioned" or target[0] == deployment.model
    verb = "upgrade" if in_place else "migrate start"
    return f"; `models {verb} {deployment.name} {'@'.join(target)}`"


def plain(value: Any) -> Any:
    """A value whose texts are one line without control characters: they go to terminals, files and log commands."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return " ".join(HIDDEN.sub(" ", value).split()) if isinstance(value, str) else value


def day(value: date | None) -> str | None:
    return value.isoformat() if value else None
