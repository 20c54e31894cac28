"""Pause a deployment before it is deleted: a caller gets 423 Locked, and nothing is lost.

A preview of Azure's API, for SKUs by the token.
https://learn.microsoft.com/dotnet/api/azure.resourcemanager.cognitiveservices
"""

from azure.core.exceptions import HttpResponseError

from jobs import terminal
from jobs.models import clock
from jobs.models.deployments import Deployment
from jobs.models.exits import NotOfferedError
from jobs.models.migrate.session import Session
from jobs.wait import wait_until

VERSION = "2026-03-15-preview"
UNKNOWN = (400, 404, 405)  # Azure does not know the action, or the version


def rehearse(session: Session, found: Deployment, minutes: int) -> None:
    """Pause for so many minutes, and resume, also when it is interrupted. Raises NotOfferedError, AzureError."""
    if found.kind != "token":
        raise NotOfferedError(f"Nothing changed: {found.sku} cannot be paused, only SKUs by the token can.")
    session.keep(paused=clock.text(clock.now()))
    try:
        act(session, found.name, "pause")
    except HttpResponseError as error:
        session.keep(paused="")
        if error.status_code not in UNKNOWN:
            raise
        raise NotOfferedError(
            f"Nothing changed: Azure has no way to pause here ({error.status_code}): run it without --rehearse."
        ) from error
    terminal.log(f"{found.name} is paused for {minutes} minutes: who calls it gets 423 Locked.")
    begun = session.migration().paused
    try:
        wait_until(lambda: False, every=60.0, at_most=minutes * 60.0)
    finally:
        resume_if_paused(session)
    session.keep(rehearsed=[begun, clock.text(clock.now())])


def resume_if_paused(session: Session) -> None:
    """Resume what a rehearsal paused, one that was killed too. Raises AzureError."""
    at = session.migration()
    if at.paused:
        if session.find(at.old) is not None:
            act(session, at.old, "resume")
            terminal.log(f"{at.old} serves again.")
        session.keep(paused="")


def act(session: Session, name: str, action: str) -> None:
    session.arm.post(f"{session.account.deployment_path(name)}/{action}", VERSION, {})
