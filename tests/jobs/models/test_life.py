"""The stages of a model, and what happens on its day: every policy with every kind of SKU."""

from datetime import date
from typing import Any

import pytest

from jobs.models.life import Case, Kind, kind_of_sku, on_that_day, stage

TODAY = date(2026, 11, 25)
DAY, LEAD = date(2027, 3, 18), date(2027, 3, 11)
NEW, EXPIRED, PINNED = "OnceNewDefaultVersionAvailable", "OnceCurrentVersionExpired", "NoAutoUpgrade"
TARGET = ("gpt-5.6-luna", "2026-07-09")


def case(policy: str | None = PINNED, kind: Kind = "token", **other: Any) -> Case:
    return Case(**{"policy": policy, "kind": kind, "retires": DAY, "lead_days": 7, "target": TARGET} | other)


# The policy, the kind of SKU: how the text begins, and the first day on which anything happens
TABLE: list[tuple[str | None, Kind, str, date]] = [
    (NEW, "token", "moved by Azure to gpt-5.6-luna 2026-07-09 within two weeks of a new default", DAY),
    (EXPIRED, "token", "moved by Azure to gpt-5.6-luna 2026-07-09, from 2027-03-11", LEAD),
    (None, "token", "moved by Azure to gpt-5.6-luna 2026-07-09, from 2027-03-11", LEAD),
    (PINNED, "token", "stops, 410", DAY),
    *[(each, "provisioned", "stops, 410: provisioned is never moved", DAY) for each in (NEW, EXPIRED, None, PINNED)],
    *[(each, "batch", "stops, 410: batch is never moved", DAY) for each in (NEW, EXPIRED, None, PINNED)],
    *[(each, "unknown", "stops, 410: nothing documents", DAY) for each in (NEW, EXPIRED, None, PINNED)],
]


@pytest.mark.parametrize(("policy", "kind", "text", "acts"), TABLE)
def test_the_day_of_each_policy_and_kind(policy: str | None, kind: Kind, text: str, acts: date) -> None:
    fate = on_that_day(case(policy, kind), TODAY)
    assert (fate.what.startswith(text), fate.acts_by) == (True, acts), fate


OTHERS: dict[str, tuple[Case, str, date | None]] = {
    "a preview follows no policy": (case(lifecycle="Preview"), "moved or stopped by Azure", date(2027, 3, 11)),
    "a provisioned preview stops": (case(EXPIRED, "provisioned", lifecycle="Preview"), "stops, 410", DAY),
    "a fine-tuned model is not moved": (case(EXPIRED, fine_tuned=True), "stops, 410: a fine-tuned", DAY),
    "a newer default acts at once": (case(NEW, newer_default=True), "moved by Azure", TODAY),
    "from the day that Azure names": (
        case(NEW, newer_default=True, starts=date(2027, 1, 5)),
        "moved by Azure",
        date(2027, 1, 5),
    ),
    "that day is not for those that wait": (case(EXPIRED, starts=date(2026, 12, 1)), "moved by Azure", LEAD),
    "a lead that has begun acts now": (case(EXPIRED, lead_days=200), "moved by Azure", TODAY),
    "without a date": (case(EXPIRED, retires=None), "no date yet; then moved", None),
    "pinned without a date": (case(retires=None), "no date yet", None),
    "a past day": (case(retires=date(2026, 11, 1)), "stopped, 410 since 2026-11-01", date(2026, 11, 1)),
    "today": (case(EXPIRED, retires=TODAY), "being moved by Azure", TODAY),
    "retired without a date": (case(lifecycle="Deprecated", retires=None), "stopped, 410", TODAY),
    "not listed": (case(listed=False, retires=None), "stopped, 410: Azure lists", TODAY),
}


@pytest.mark.parametrize(("one", "text", "acts"), OTHERS.values(), ids=OTHERS)
def test_what_else_decides(one: Case, text: str, acts: date | None) -> None:
    fate = on_that_day(one, TODAY)
    assert (fate.what.startswith(text), fate.acts_by) == (True, acts), fate


@pytest.mark.parametrize(
    ("status", "retires", "word"),
    [
        ("GenerallyAvailable", None, "Generally Available"),
        ("Stable", DAY, "Generally Available"),
        (None, None, "Generally Available"),
        ("Preview", DAY, "Preview"),
        ("Legacy", DAY, "Legacy"),
        ("Deprecating", DAY, "Deprecated"),
        ("Deprecated", None, "Retired"),
        ("Deprecating", TODAY, "Retired"),
        ("GenerallyAvailable", date(2026, 1, 1), "Retired"),
        ("Sleeping", None, "Sleeping"),
    ],
)
def test_the_word_is_that_of_the_page(status: str | None, retires: date | None, word: str) -> None:
    assert stage(status, retires, TODAY) == word


@pytest.mark.parametrize(
    ("sku", "kind"),
    [
        *[(each, "token") for each in ("Standard", "globalstandard", "DataZoneStandard", "GlobalPriority")],
        *[(each, "provisioned") for each in ("provisioned", "ProvisionedManaged", "GlobalProvisionedManaged")],
        *[(each, "batch") for each in ("GlobalBatch", "datazonebatch")],
        ("DeveloperTier", "unknown"),
    ],
)
def test_the_kind_of_a_sku_is_that_of_any_case(sku: str, kind: str) -> None:
    assert kind_of_sku(sku) == kind
