"""A second try for what Azure refuses only for a moment, on top of the order that avoids most of it.

The provider itself retries neither ServerIsBusy nor RequestConflict. The hook lives while the program runs: a plain
`pulumi destroy` does without it, which is why no child is deleted by itself there (`deleted_with`).
"""

import asyncio
import functools
import re

import pulumi

PASSING = re.compile(
    "ServerIsBusy|ServerBusy|AadAuthOperationCannotBePerformed|RequestConflict|TransientError|AnotherOperationInProgress"
    "|AccountProvisioningStateInvalid|in state Accepted|StorageAccountOperationInProgress|PrincipalNotFound"
)
TRIES = 12
LONGEST_WAIT = 60  # seconds


async def try_again(failed: pulumi.ErrorHookArgs) -> bool:
    """Whether to try again; before a yes it waits, twice as long each time. `errors` has the newest first."""
    if not failed.errors or not PASSING.search(failed.errors[0]) or len(failed.errors) >= TRIES:
        return False
    await asyncio.sleep(min(2 ** len(failed.errors), LONGEST_WAIT))
    return True


@functools.cache  # an engine knows a hook by its name and takes each name once
def retried() -> pulumi.ResourceHookBinding:
    """The option `hooks` of a resource that may be tried again."""
    return pulumi.ResourceHookBinding(on_error=[pulumi.ErrorHook("try-again", try_again)])
