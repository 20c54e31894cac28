"""Retries of operations that Azure refuses only for a moment. The order of creation avoids most of them.

The provider itself retries neither ServerIsBusy nor RequestConflict. Every Azure resource has the hook, because any
create can meet a passing error. The hook works only while the program runs: a plain `pulumi destroy` does not run it,
so children are deleted with their parent there (`deleted_with`), and `jobs teardown` has its own copy of TRANSIENT.

A create that Azure carried out, and then answered with a passing error, cannot be repeated: azure-native looks first
whether the resource exists. Then the hook says how to take it into the stack.
"""

import asyncio
import functools
import re
from collections.abc import Sequence

import pulumi

TRANSIENT = re.compile(
    "ServerIsBusy|ServerBusy|AadAuthOperationCannotBePerformed|RequestConflict|TransientError|AnotherOperationInProgress"
    "|AccountProvisioningStateInvalid|in state Accepted|in state Creating|in state Updating"
    "|Parent account does not provision correctly|PrincipalNotFound|ResourceGroupBeingDeleted"
    "|StorageAccountOperationInProgress|StorageAccountIsNotProvisioned"
    "|RetryableError|ReferencedResourceNotProvisioned|ConflictingConcurrentWriteNotAllowed"
    "|Etag conflict|IfMatchPreconditionFailed|nested resources exist|TooManyRequests|ServiceUnavailable|GatewayTimeout"
)
EXISTS = re.compile(r"cannot create already existing resource '([^']+)'")
PAGE = 'docs/azure.md, "When Azure refuses", tells more.'
MAX_ATTEMPTS = 12
MAX_WAIT_SECONDS = 60


async def should_retry(failed: pulumi.ErrorHookArgs) -> bool:
    """Return whether to retry a failed operation. `failed.errors` has the newest error first.

    Before it returns true it waits, twice as long each time. Where the resource exists already, it logs what helps.
    """
    if advice := explain_existing(failed.urn, failed.errors):
        pulumi.log.error(advice)
    if not failed.errors or not TRANSIENT.search(failed.errors[0]) or len(failed.errors) >= MAX_ATTEMPTS:
        return False
    await asyncio.sleep(min(2 ** len(failed.errors), MAX_WAIT_SECONDS))
    return True


@functools.cache  # the engine registers each hook name once
def retry_hooks() -> pulumi.ResourceHookBinding:
    """Return the option `hooks` of a resource whose operations may be retried.

    Every resource has `delete_before_replace` beside it: created first, as by `pulumi up --replace`, the new one would
    find the old one of its name.
    """
    return pulumi.ResourceHookBinding(on_error=[pulumi.ErrorHook("try-again", should_retry)])


def explain_existing(urn: str, errors: Sequence[str]) -> str:
    """Return what helps where the newest error says that the resource exists already, else an empty text.

    `errors` has the newest first. With an earlier one this `pulumi up` made the resource itself: it did not exist
    before. Otherwise somebody else may have made it, and an import would give it to this stack.
    """
    found = EXISTS.search(errors[0]) if errors else None
    if found is None:
        return ""
    resource, stack = found[1], urn.split(":")[2]
    recover = f"`python -m jobs recover --target {stack}`"
    import_it = f"`{import_command(urn, resource)}`, then run `pulumi up` again"
    if len(errors) > 1:
        return (
            f"Azure created {resource}, but answered with an error ({one_line(errors[1])}): the stack {stack} does "
            f"not have it. {recover} takes it in; by hand, take it in with {import_it}. {PAGE}"
        )
    return (
        f"Azure has {resource}, and the stack {stack} does not: an interrupted `pulumi up` left it behind, or somebody "
        f"else created it. {recover} finds out which, and takes in what is this stack's. By hand: "
        f"`az resource show --ids '{resource}'` shows its tags, if its type has any. If it belongs to this stack, take "
        f"it in with {import_it}. If not, choose another nameSuffix or resourceGroup. {PAGE}"
    )


def import_command(urn: str, resource: str) -> str:
    """Return the command that takes an existing resource into the stack. Its quotes suit sh and PowerShell."""
    *_, types, name = urn.split("::")
    parent = f" --parent 'parent={parent_urn(urn)}'" if "$" in types else ""
    options = f"{parent} --protect=false --generate-code=false --stack {urn.split(':')[2]}"
    return f"pulumi import {types.rpartition('$')[2]} {name} '{resource}'{options}"


def parent_urn(urn: str) -> str:
    """Return the URN of a resource's component.

    A URN has only the parent's type. A component is named after its class (ManagedNetwork: managed-network), an
    EntraLink after its document.
    """
    *beginning, types, name = urn.split("::")
    parent_type = types.rpartition("$")[0]
    kind = parent_type.rpartition(":")[2]
    hyphenated = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", kind).lower()
    return "::".join([*beginning, parent_type, name.removesuffix("_Entra") if kind == "EntraLink" else hyphenated])


def one_line(text: str) -> str:
    """Return an error on one line of at most 160 characters."""
    line = " ".join(text.split())
    return line if len(line) <= 160 else f"{line[:157]}..."
