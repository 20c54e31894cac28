"""Whether a `pulumi up` was interrupted or failed: then the next one may stop at what Azure finished meanwhile."""

import json

from jobs.doctor.check import Check, pluralize
from jobs.errors import JobError
from jobs.recover.interruption import read_interruption
from jobs.recover.lock import may_be_alive
from jobs.recover.state import UnreadableStateError
from jobs.stack import run_pulumi


def check_interruption(stack: str) -> list[Check]:
    """A problem for a stack that is locked or has pending operations, a warning after a failed `pulumi up`, or nothing.

    Nothing also where Pulumi does not answer: the checks `pulumi` and `stack` say why.
    """
    command = f"python -m jobs recover --target {stack}"
    try:
        state, locks = read_interruption(stack)
    except UnreadableStateError as error:
        return [Check("interrupted", "problem", str(error), command)]
    if state is None:
        return []
    if alive := [lock for lock in locks if may_be_alive(lock)]:
        text = f"locked: Pulumi may be at work ({'; '.join(map(str, alive))})."
        return [Check("interrupted", "problem", text, f"{command} --yes")]
    if state.operations:
        text = f"Pulumi was interrupted in {pluralize(len(state.operations), 'operation')}."
        return [Check("interrupted", "problem", text, command)]
    if locks:
        text = f"locked by {'; '.join(map(str, locks))}, which has ended."
        return [Check("interrupted", "problem", text, command)]
    if has_failed(stack):
        text = "the last `pulumi up` failed: Azure may have what the state lacks."
        return [Check("interrupted", "warning", text, command)]
    return []


def has_failed(stack: str) -> bool:
    """Whether the newest entry of the stack's history is a failed `pulumi up`; not where there is no history."""
    try:
        text = run_pulumi(stack, "stack", "history", "--json", "--page-size", "1", "--stack", stack)
        newest = json.loads(text)[0]
    except (JobError, ValueError, IndexError, KeyError):
        return False
    return bool(newest.get("kind") == "update" and newest.get("result") == "failed")
