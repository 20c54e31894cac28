"""Retries of operations that Azure refuses only for a moment. The order of creation avoids most of them.

The provider itself retries neither ServerIsBusy nor RequestConflict. The hook works only while the program runs. A
plain `pulumi destroy` does not run it, so children are deleted with their parent there (`deleted_with`).
"""

import asyncio
import functools
import re

import pulumi

TRANSIENT = re.compile(
    "ServerIsBusy|ServerBusy|AadAuthOperationCannotBePerformed|RequestConflict|TransientError|AnotherOperationInProgress"
    "|AccountProvisioningStateInvalid|in state Accepted|StorageAccountOperationInProgress|PrincipalNotFound"
)
MAX_ATTEMPTS = 12
MAX_WAIT_SECONDS = 60


async def should_retry(failed: pulumi.ErrorHookArgs) -> bool:
    """Return whether to retry a failed operation. `failed.errors` has the newest error first.

    Before it returns true it waits, twice as long each time.
    """
    if not failed.errors or not TRANSIENT.search(failed.errors[0]) or len(failed.errors) >= MAX_ATTEMPTS:
        return False
    await asyncio.sleep(min(2 ** len(failed.errors), MAX_WAIT_SECONDS))
    return True


@functools.cache  # the engine registers each hook name once
def retry_hooks() -> pulumi.ResourceHookBinding:
    """Return the option `hooks` of a resource whose operations may be retried."""
    return pulumi.ResourceHookBinding(on_error=[pulumi.ErrorHook("try-again", should_retry)])
