"""What is never deleted, whatever the metrics say."""

from jobs.errors import ErrorKind, JobError
from jobs.models.deployments import Deployment
from jobs.models.exits import NotOfferedError, NotProvedError
from jobs.models.migrate.session import Session
from jobs.models.routing import Routing

LINKS = {"spilloverDeploymentName": "spills over to it", "parentDeploymentName": "has it for its parent"}


def check_deletable(session: Session, found: Deployment, unproved: str | None) -> None:
    """Raise JobError for a deployment that others need, and for a batch one, whose jobs no metric shows."""
    for other in session.deployments.values():
        for key, text in LINKS.items():
            if str(other.properties.get(key) or "").lower() == found.name.lower():
                raise NotOfferedError(
                    f"Nothing deleted: {other.name} {text} ({key}): give {other.name} another one first."
                )
    if found.kind == "batch" and unproved is None:
        raise NotOfferedError(
            f"Nothing deleted: {found.name} is {found.sku}, and nothing documents that batch jobs show in the metrics. "
            f"If none waits in it, add `--unproved {found.name}`."
        )


def check_weightless(routing: Routing, name: str, command: str) -> None:
    """Raise NotProvedError where applications still send requests to a deployment, or nothing else has the weight."""
    weight = routing.weights.get(name)
    if weight != 0:
        text = "there are no weights for it" if weight is None else f"its weight is {weight}"
        raise NotProvedError(f"Not proved, nothing deleted: {name} is in use, {text}. `{command}` first.")


def check_typed(name: str, unproved: str | None) -> None:
    """Raise JobError where --unproved names another deployment than the one that would be deleted."""
    if unproved is not None and unproved != name:
        raise UnprovedUsageError(
            f"--unproved {unproved} is not the deployment that would be deleted, {name}: type its name.",
            ErrorKind.usage,
        )


class UnprovedUsageError(JobError):
    """Another name typed. Wrong usage."""

    status = 2
