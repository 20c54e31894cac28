"""Open a migration for one command, with Azure's errors as sentences."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from jobs.azure.arm import Arm
from jobs.azure.errors import translate_errors
from jobs.models.choice import Choice
from jobs.models.migrate.session import Session, open_session

T = TypeVar("T")


def at_migration(choice: Choice, alias: str, routing: Path | None, role: str, act: Callable[[Session], T]) -> T:
    """What `act` returns. Raises JobError."""
    with (
        translate_errors("the deployments", role),
        Arm() as arm,
        open_session(arm, choice, alias, routing) as session,
    ):
        return act(session)
