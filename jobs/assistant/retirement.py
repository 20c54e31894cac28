"""Say that the model which answers retires soon. Azure is asked once a day, while the model writes its answer."""

import json
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from threading import Thread

from azure.core.exceptions import AzureError

from jobs.azure.arm import Arm
from jobs.errors import JobError
from jobs.models.account import ModelAccount
from jobs.models.choice import Choice
from jobs.models.deployments import list_deployments
from jobs.models.offers import list_offers, today
from jobs.models.rows import to_rows
from jobs.state import state_folder, write_atomically
from jobs.target import Target

SOON = 60  # days
WAIT_SECONDS = 3.0  # for Azure, after the answer

Dates = Mapping[str, str | None]  # by the deployment's name in lower case


def watch_retirement(target: Target, stack: str, deployment: str) -> Callable[[], str]:
    """Begin to look up when a deployment's model retires. Returns a function that says so: "" where that is not soon.

    What Azure does not show, for want of a role, is not said: the question is about something else.
    """
    found = read_dates(target)
    looking = None if found else Thread(target=ask_and_keep, args=(target, stack), daemon=True)
    if looking:
        looking.start()

    def say() -> str:
        if looking:
            looking.join(WAIT_SECONDS)
        return describe((found or read_dates(target) or {}).get(deployment.lower()), stack, deployment)

    return say


def describe(day: str | None, stack: str, deployment: str) -> str:
    """The sentence for a day, "" for none and for one that is far."""
    left = (date.fromisoformat(day) - today()).days if day else SOON + 1
    if left > SOON:
        return ""
    when = f"retires on {day}, in {left} days" if left > 0 else f"retired on {day}"
    return f"The model of {deployment} {when}: `python -m jobs models report --target {stack}` says what happens then."


def ask_and_keep(target: Target, stack: str) -> None:
    """Ask Azure for the dates of the account's deployments, and keep them for the day."""
    account = ModelAccount(
        target.subscription_id, target.resource_group, target.foundry_account, target.foundry_location, Choice(stack)
    )
    try:
        with Arm() as arm:
            deployments = list_deployments(arm, account)
            offers = list_offers(arm, account.subscription, account.region)
    except (AzureError, JobError):
        return
    dates = {each.name.lower(): each.retires for each in to_rows(account, deployments, offers, today())}
    write_atomically(dates_file(target), json.dumps({"asked": today().isoformat(), "retires": dates}))


def dates_file(target: Target) -> Path:
    return state_folder() / "retirements" / f"{target.foundry_account}.json"


def read_dates(target: Target) -> Dates | None:
    """What was asked today; None where nothing was."""
    try:
        document = json.loads(dates_file(target).read_text(encoding="utf-8"))
        return dict(document["retires"]) if document["asked"] == today().isoformat() else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
