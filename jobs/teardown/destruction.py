"""`pulumi destroy`, once more where Azure refused only for a moment."""

import re
from collections.abc import Callable

from jobs import stack, terminal
from jobs.errors import JobError

# What passes by itself. The second line is what deletions meet, the first what infra/retries.py knows of creation:
# the hook there lives while the program runs, and a plain `pulumi destroy` does without it.
TRANSIENT_ERRORS = re.compile(
    "ServerIsBusy|ServerBusy|AadAuthOperationCannotBePerformed|RequestConflict|TransientError|AnotherOperationInProgress"
    "|AccountProvisioningStateInvalid|in state Accepted|StorageAccountOperationInProgress|PrincipalNotFound"
    "|Etag conflict|IfMatchPreconditionFailed|nested resources exist|ConflictingConcurrentWriteNotAllowed"
    "|TooManyRequests|ServiceUnavailable|GatewayTimeout"
)
PAUSE_SECONDS = 30.0
ERROR_HINTS = {
    r"because it is protected": (
        "The lake is protected, and nothing more was deleted: `pulumi config set protectLake false --stack {stack}`, "
        "`pulumi up --stack {stack}`, then the same command again."
    ),
    r"currently locked by|the stack is locked": (
        "Pulumi works on the stack `{stack}`, or was killed while it did: when no other is running, "
        "`pulumi cancel --stack {stack}`, then the same command again."
    ),
}


def destroy_with_retry(name: str, wait: Callable[[float], None]) -> None:
    """Delete everything that Pulumi made. Raises Failure when it stops before the end; what is deleted stays so."""
    status, words = stack.destroy_stack(name)
    if status != 0 and TRANSIENT_ERRORS.search(words):
        terminal.log(f"Azure refused for a moment: once more in {PAUSE_SECONDS:.0f} s")
        wait(PAUSE_SECONDS)
        status, words = stack.destroy_stack(name)
    if status != 0:
        raise JobError(explain_error(name, words))


def explain_error(name: str, words: str) -> str:
    """What stopped Pulumi, and what to do."""
    for pattern, saying in ERROR_HINTS.items():
        if re.search(pattern, words):
            return saying.format(stack=name)
    said = [line.partition("error:")[2].strip() for line in words.splitlines() if "error:" in line]
    why = next(filter(None, said), "no reason given")
    return f"`pulumi destroy` stopped before the end ({why}): see its output above, then run the same command again."
