"""Delete a deployment, and look until it is gone."""

from azure.core.exceptions import ResourceNotFoundError

from jobs.errors import ErrorKind, JobError, StoppedError
from jobs.models.apply import wait_out_conflicts
from jobs.models.deployments import DELETING, VERSION, Deployment, read_deployment
from jobs.models.migrate.session import Session
from jobs.models.watch import POLL_SECONDS, TIMEOUT_MINUTES
from jobs.wait import wait_until


def delete_and_look(session: Session, found: Deployment) -> None:
    """Raises JobError where it is still there after an hour, and AzureError."""
    path = session.account.deployment_path(found.name)
    if found.state != DELETING:
        wait_out_conflicts(lambda: session.arm.delete(path, VERSION), session.account.name, TIMEOUT_MINUTES)

    def is_gone() -> bool:
        try:
            read_deployment(session.arm, session.account, found.name)
        except ResourceNotFoundError:
            return True
        return False

    try:
        gone = wait_until(is_gone, every=POLL_SECONDS, at_most=TIMEOUT_MINUTES * 60)
    except KeyboardInterrupt:
        raise StoppedError(f"{found.name} is being deleted: the same command goes on from here.") from None
    if not gone:
        raise JobError(
            f"{found.name} is still there after {TIMEOUT_MINUTES} minutes: run the same command again.",
            ErrorKind.unavailable,
        )
    session.read()
