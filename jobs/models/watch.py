"""Wait until a deployment is done: by looking at the deployment itself.

The address of an operation is lost with the process that got it. The deployment survives a kill, and shows what others
began too.
"""

from collections.abc import Callable

from azure.core.exceptions import ResourceNotFoundError

from jobs import terminal
from jobs.errors import ErrorKind, JobError, StoppedError
from jobs.models.deployments import FAILED_STATES, SUCCEEDED, Deployment
from jobs.wait import Sleep, wait_until

POLL_SECONDS = 20.0
TIMEOUT_MINUTES = 60  # a provisioned deployment takes 20 to 30

Read = Callable[[], Deployment]


def watch(
    read: Read, name: str, again: str, minutes: float = TIMEOUT_MINUTES, sleep: Sleep | None = None
) -> Deployment:
    """The deployment once it is Succeeded. A state that is neither that nor a failure, such as Updating, is "not yet".

    `again` is the command that looks again. Raises JobError where the change failed, the deployment is gone, or the
    time is over; StoppedError on Ctrl-C.
    """
    last: list[str] = []

    def look() -> Deployment | None:
        found = read_existing(read, name)
        if found.state != (last[-1] if last else None):
            last.append(found.state)
            terminal.log(f"{name}: {found.state}")
        if found.state in FAILED_STATES:
            raise JobError(
                f"{name} is {found.state}: Azure ended the change, and it may still serve what it had. See its "
                "activity log in the portal, then run the same command again."
            )
        return found if found.state == SUCCEEDED else None

    try:
        done = wait_until(look, every=POLL_SECONDS, at_most=minutes * 60, sleep=sleep)
    except KeyboardInterrupt:
        raise StoppedError(f"Stopped looking at {name}; Azure goes on: `{again}` looks again.") from None
    if done is None:
        raise JobError(
            f"{name} is {last[-1]} after {minutes:g} minutes; Azure goes on: `{again}` looks again.",
            ErrorKind.unavailable,
        )
    return done


def read_existing(read: Read, name: str) -> Deployment:
    try:
        return read()
    except ResourceNotFoundError as error:
        raise JobError(f"{name} is gone: others deleted it meanwhile.", ErrorKind.not_found) from error
