"""The report: which deployments stop or are changed, on which day, and what to put in their place."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from jobs.azure.arm import Arm
from jobs.azure.errors import translate_errors
from jobs.models import snapshot
from jobs.models.account import ModelAccount, find_account, list_accounts
from jobs.models.choice import Choice
from jobs.models.configured import configured_rows
from jobs.models.deployments import Deployment, list_deployments
from jobs.models.life import RETIRED
from jobs.models.offers import HINT, ROLE, Offer, list_account_offers, list_offers, today
from jobs.models.rows import Row, deployed_offer, to_rows
from jobs.models.snapshot import Change, Snapshot
from jobs.notice import say_if_slow

ALL = "everywhere"


@dataclass(frozen=True)
class Report:
    """The deployments of one account, or of all. `failing`: the labels of what --fail-on counts.

    `unknown`: the labels of deployments without a date.
    """

    account: str
    region: str
    taken: str
    deployments: tuple[Row, ...]
    changes: tuple[Change, ...]
    unknown: tuple[str, ...]
    failing: tuple[str, ...] = ()

    def label(self, one: Row | Change) -> str:
        """What a person calls it: its name, in a report of all accounts with those of its group and account."""
        return label(one, self.account == ALL)

    def document(self) -> dict[str, Any]:
        """The object of --json."""
        rows = [vars(each) for each in self.deployments]
        return {**vars(self), "deployments": rows, "changes": [each.document() for each in self.changes]}


@dataclass(frozen=True)
class Finding:
    """A report, and the snapshot that is written once the report is out."""

    report: Report
    file: Path
    snapshot: Snapshot

    def keep(self) -> None:
        """Write the snapshot: last, so that a change that nobody read is said again."""
        snapshot.write_snapshot(self.file, self.snapshot, date.fromisoformat(self.report.taken))


@say_if_slow("Asking Azure for the deployments and their dates")
def make_report(choice: Choice, everywhere: bool, fail_on: int | None, file: Path | None) -> Finding:
    """The report of an account, or of every one. Raises JobError when Azure does not answer."""
    now = today()
    with translate_errors("the deployments and their models", ROLE, HINT), Arm() as arm:
        accounts = list(list_accounts(arm, choice)) if everywhere else [find_account(arm, choice)]
        rows, watched = ask_accounts(arm, accounts, now)
    name, region = (ALL, "") if everywhere else (accounts[0].name, accounts[0].region)
    file = file or snapshot.default_file(name)
    changes, after = snapshot.compare(snapshot.read_snapshot(file), [*rows, *watched], now)
    rows = sorted(snapshot.with_sequences(rows, after), key=lambda each: (each.acts_by or "9999", each.name))
    report = Report(
        account=name,
        region=region,
        taken=now.isoformat(),
        deployments=tuple(rows),
        changes=tuple(changes),
        unknown=tuple(label(each, everywhere) for each in rows if not each.retires and each.stage != RETIRED),
        failing=()
        if fail_on is None
        else tuple(label(each, everywhere) for each in failing(rows, changes, now, fail_on)),
    )
    return Finding(report, file, after)


def ask_accounts(arm: Arm, accounts: Sequence[ModelAccount], now: date) -> tuple[list[Row], list[Row]]:
    """The rows of the deployments, and those of what is only configured. Each region's models are asked for once."""
    offers: dict[str, list[Offer]] = {}
    rows, watched = [], []
    for account in accounts:
        deployments = list_deployments(arm, account)
        if account.region not in offers:
            offers[account.region] = list_offers(arm, account.subscription, account.region)
        listed = known_offers(arm, account, deployments, offers[account.region])
        rows += to_rows(account, deployments, listed, now)
        watched += configured_rows(account, deployments, listed, now)
    return rows, watched


def known_offers(
    arm: Arm, account: ModelAccount, deployments: Sequence[Deployment], offers: Sequence[Offer]
) -> list[Offer]:
    """The region's offers, and the account's own: its fine-tuned models are in no region's list."""
    if all(deployed_offer(each, offers) for each in deployments):
        return list(offers)
    return [*offers, *list_account_offers(arm, account.path)]


def within(report: Report, days: int) -> Report:
    """The report with only what is retired, or acts or retires within so many days."""
    until = (date.fromisoformat(report.taken) + timedelta(days=days)).isoformat()

    def is_due(row: Row) -> bool:
        return row.stage == RETIRED or any(each is not None and each <= until for each in (row.acts_by, row.retires))

    return replace(report, deployments=tuple(filter(is_due, report.deployments)))


def label(one: Row | Change, everywhere: bool) -> str:
    return one.key if everywhere else one.name


def failing(rows: Sequence[Row], changes: Sequence[Change], now: date, days: int) -> list[Row | Change]:
    """What --fail-on counts: retired, acting within so many days, or with a date that Azure moved nearer.

    What was moved may be only configured, and then is not among the rows.
    """
    until = (now + timedelta(days=days)).isoformat()
    nearer: dict[str, Row | Change] = {each.key: each for each in changes if each.direction == "earlier"}
    due = {each.key: each for each in rows if each.stage == RETIRED or (each.acts_by and each.acts_by <= until)}
    return list((due | nearer).values())
