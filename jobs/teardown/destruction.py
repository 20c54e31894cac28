"""`pulumi destroy`, once more where Azure refused only for a moment."""

import re
from collections.abc import Callable

from jobs import stack, terminal
from jobs.errors import ErrorKind, JobError, explain
from jobs.wait import Sleep

# What passes by itself: the same as in infra/retries.py, whose hook runs with the program only, so not in a plain
# `pulumi destroy`. tests/test_contracts.py compares the two.
TRANSIENT_ERRORS = re.compile(
    "ServerIsBusy|ServerBusy|AadAuthOperationCannotBePerformed|RequestConflict|TransientError|AnotherOperationInProgress"
    "|AccountProvisioningStateInvalid|in state Accepted|in state Creating|in state Updating"
    "|Parent account does not provision correctly|PrincipalNotFound|ResourceGroupBeingDeleted"
    "|StorageAccountOperationInProgress|StorageAccountIsNotProvisioned"
    "|RetryableError|ReferencedResourceNotProvisioned|ConflictingConcurrentWriteNotAllowed"
    "|Etag conflict|IfMatchPreconditionFailed|nested resources exist|TooManyRequests|ServiceUnavailable|GatewayTimeout"
)
RETRY_SECONDS = 30.0
ERROR_HINTS = {
    r"because it is protected": (
        "The lake is protected, and nothing more was deleted: `pulumi config set protectLake false --stack {stack}`, "
        "`pulumi up --stack {stack}`, then the same command again."
    ),
    r"currently locked by|the stack is locked": (
        "Pulumi works on the stack `{stack}`, or was killed while it did: when no other is running, "
        "`pulumi cancel --stack {stack}`, then the same command again."
    ),
    stack.TOO_OLD: stack.ERROR_HINTS[stack.TOO_OLD],
}


NESTED = re.compile("nested resources exist|CannotDeleteResource", re.IGNORECASE)


def destroy_with_retry(name: str, sleep: Sleep, delete_nested: Callable[[], None]) -> None:
    """Delete everything that Pulumi created. Raises JobError when it stops before the end; what is deleted stays so.

    `delete_nested` deletes what holds up the Foundry account and Pulumi does not know.
    """
    status, output = stack.destroy_stack(name)
    if is_held_up := status != 0 and NESTED.search(output):
        delete_nested()
    if is_held_up or (status != 0 and TRANSIENT_ERRORS.search(output)):
        terminal.log(f"Azure refused for a moment: once more in {RETRY_SECONDS:.0f} s")
        sleep(RETRY_SECONDS)
        status, output = stack.destroy_stack(name)
    if status != 0:
        is_known = any(re.search(pattern, output, re.IGNORECASE) for pattern in ERROR_HINTS)
        raise JobError(explain_error(name, output), ErrorKind.conflict if is_known else ErrorKind.failed)


def explain_error(name: str, output: str) -> str:
    """What stopped Pulumi, and what to do."""
    errors = [line.partition("error:")[2].strip() for line in output.splitlines() if "error:" in line]
    default = (
        "`pulumi destroy` stopped before the end ({reason}): see its output above, then run the same command again."
    )
    return explain(output, ERROR_HINTS, default, stack=name, reason=next(filter(None, errors), "no reason given"))
