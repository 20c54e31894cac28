"""The stages of a model, and what happens to a deployment on its model's day. Pure.

Azure's API and its pages name the stages differently: this project shows the page's word.
https://learn.microsoft.com/azure/ai-foundry/openai/concepts/model-retirements
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Literal, TypeAlias


class Policy(StrEnum):
    """A deployment's `versionUpgradeOption`."""

    new_default = "OnceNewDefaultVersionAvailable"
    expired = "OnceCurrentVersionExpired"
    pinned = "NoAutoUpgrade"


Kind: TypeAlias = Literal["token", "provisioned", "batch", "unknown"]

# By the API's word. Stable, and no word at all, are those of older versions.
PAGE_WORDS = {
    "Preview": "Preview",
    "GenerallyAvailable": "Generally Available",
    "Stable": "Generally Available",
    "": "Generally Available",
    "Legacy": "Legacy",
    "Deprecating": "Deprecated",
    "Deprecated": "Retired",
}
RETIRED = "Retired"
NEVER_MOVED = {
    "provisioned": "provisioned is never moved",
    "batch": "batch is never moved, deploy another beside it and send its jobs again",
    "unknown": "nothing documents that this SKU is moved",
}


def kind_of_sku(sku: str) -> Kind:
    """How a SKU is billed, which decides who moves its model. Azure's own lists write the names in different cases."""
    name = sku.lower()
    if "provisioned" in name:
        return "provisioned"
    if "batch" in name:
        return "batch"
    return "token" if name.endswith("standard") or "priority" in name else "unknown"


def effective_policy(policy: str | None) -> str:
    """The policy that Azure applies: without one, the model is moved when its version expires."""
    return policy or Policy.expired


def stage(lifecycle: str | None, retires: date | None, today: date) -> str:
    """The page's word for a stage. A day that has come means retired, whatever the API says."""
    if retires and retires <= today:
        return RETIRED
    return PAGE_WORDS.get(lifecycle or "", str(lifecycle))


@dataclass(frozen=True, kw_only=True)
class Case:
    """One deployment and its model. `target`: the model and version that Azure names, or the new default one.

    `listed` is False where Azure lists the model no more. `newer_default`: another version is the default one.
    `starts` and `lead_days` are those of the model's replacementConfig.
    """

    policy: str | None
    kind: Kind
    lifecycle: str = "GenerallyAvailable"
    listed: bool = True
    fine_tuned: bool = False
    retires: date | None = None
    starts: date | None = None
    lead_days: int = 0
    target: tuple[str, str] | None = None
    newer_default: bool = False

    @property
    def stays(self) -> bool:
        """Whether nobody but you moves it."""
        return self.fine_tuned or self.kind != "token" or (self.policy == Policy.pinned and not self.is_preview)

    @property
    def is_preview(self) -> bool:
        return self.lifecycle == "Preview"


@dataclass(frozen=True)
class Fate:
    """What happens, and the earliest day on which anything does (None: no day is known)."""

    what: str
    acts_by: date | None


def on_that_day(case: Case, today: date) -> Fate:
    """What happens to a deployment on the day its model retires."""
    if not case.listed:
        return Fate("stopped, 410: Azure lists its model no more", case.retires or today)
    if stage(case.lifecycle, case.retires, today) == RETIRED:
        since = f" since {case.retires}" if case.retires else ""
        if case.stays:
            return Fate(f"stopped, 410{since}{why_it_stays(case)}", case.retires or today)
        return Fate(f"being moved by Azure{to_target(case)}{since}, region by region; else 410", case.retires or today)
    if case.is_preview and not case.fine_tuned and case.kind == "token":
        return Fate(
            f"moved or stopped by Azure{to_target(case)}: preview models follow no policy", first_day(case, today)
        )
    if case.stays:
        return Fate(f"stops, 410{why_it_stays(case)}" if case.retires else "no date yet", case.retires)
    return moved(case, today)


def moved(case: Case, today: date) -> Fate:
    """The fate of a deployment that Azure moves."""
    day = first_day(case, today)
    if case.policy == Policy.new_default:
        latest = f", at the latest on {case.retires}" if case.retires else ""
        since = f", from {day}" if day and day != case.retires else ""
        return Fate(f"moved by Azure{to_target(case)} within two weeks of a new default version{since}{latest}", day)
    if day is None:
        return Fate(f"no date yet; then moved by Azure{to_target(case)}", None)
    return Fate(f"moved by Azure{to_target(case)}, from {day}", day)


def first_day(case: Case, today: date) -> date | None:
    """The earliest day on which Azure moves a deployment; never before today.

    `autoUpgradeStartDate` is for those that follow the default version, the lead time for those that wait for the end.
    """
    days = []
    if case.policy == Policy.new_default:
        days = [case.starts, today if case.newer_default and case.starts is None else None, case.retires]
    elif case.retires:
        days = [case.retires - timedelta(days=case.lead_days)]
    known = [each for each in days if each]
    return max(min(known), today) if known else None


def why_it_stays(case: Case) -> str:
    """Why nobody moves it; nothing where it is the policy, which says so itself."""
    if case.fine_tuned:
        return ": a fine-tuned model is never moved, train another"
    return f": {NEVER_MOVED[case.kind]}" if case.kind in NEVER_MOVED else ""


def to_target(case: Case) -> str:
    return f" to {' '.join(each for each in case.target if each)}" if case.target else ""
