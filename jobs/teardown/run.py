"""teardown: delete a stack, purge what Azure soft-deletes, and check that nothing is left that is billed.

You can interrupt it at any moment and run it again: the names that it needs are on disk before the first deletion.
"""

import time
from dataclasses import dataclass
from itertools import repeat
from math import inf

from jobs import terminal
from jobs.azure.arm import Arm
from jobs.azure.errors import translate_errors
from jobs.errors import ErrorKind, JobError
from jobs.notice import say_if_slow
from jobs.pause.note import NOTES
from jobs.recover.interruption import forget_operations, read_interruption
from jobs.recover.lock import Lock, check_locks, lift_locks
from jobs.recover.state import describe_operation
from jobs.teardown import soft_deleted
from jobs.teardown.destruction import destroy_with_retry
from jobs.teardown.group import delete_group
from jobs.teardown.nested import HOSTS, delete_nested, list_nested
from jobs.teardown.record import RECORDS, StackNames, find_names
from jobs.teardown.resources import Resource, foreign_resources, list_by_tags, list_group
from jobs.teardown.workspace import announce, purge_workspace
from jobs.wait import Sleep, wait_until

ROLE = "Contributor on the subscription"
POLLS, POLL_SECONDS = 12, 10.0  # Azure lists what is deleted for a minute or two


@dataclass(frozen=True)
class TeardownPlan:
    """What will be deleted: every resource of the group, what is nested in it, and the two that Azure soft-deletes.

    Before, the `locks` of processes that have ended are lifted. `operations` are Pulumi's, interrupted before.
    """

    names: StackNames
    resources: tuple[Resource, ...]
    nested: tuple[Resource, ...] = ()
    locks: tuple[Lock, ...] = ()
    operations: tuple[str, ...] = ()
    others: bool = False

    def summary(self) -> str:
        listed = {each.id.lower(): each for each in (*self.resources, *self.nested)}.values()
        lines = [f"  {each}" for each in listed] or ["  nothing: it is gone, or was never created"]
        lines += [f"Its lock is lifted first: {each}, which has ended." for each in self.locks]
        lines += [f"Interrupted before: {each}." for each in self.operations]
        return "\n".join(
            [
                f"The stack {self.names.stack}, in the group {self.names.resource_group}:",
                *lines,
                f"and, soft-deleted, the vault {self.names.vault} and the Foundry account {self.names.foundry}.",
                *announce(self.names),
            ]
        )


@dataclass(frozen=True)
class TeardownResult:
    """`resources` were deleted, `purged` were soft-deleted, `left` is what Azure still has.

    `commands` delete what is left. `kept` stays soft-deleted until its purge protection ends; it costs nothing.
    """

    stack: str
    resources: tuple[Resource, ...]
    purged: tuple[str, ...]
    kept: tuple[str, ...]
    left: tuple[str, ...]
    commands: tuple[str, ...]
    clean: bool

    def summary(self) -> str:
        lines = [
            f"Nothing of the stack {self.stack} is left that costs: none in its group, none with its tags elsewhere."
        ]
        if self.left:
            again = f"`python -m jobs teardown --target {self.stack}` checks again"
            lines = [f"The stack {self.stack} is destroyed, but Azure still has {', '.join(self.left)}: {again}."]
            lines += [f"  {each}" for each in self.commands]
        if self.purged:
            lines.append(f"Purged: {', '.join(self.purged)}.")
        lines += [f"Soft-deleted, free of charge: {each}." for each in self.kept]
        return "\n".join(lines)


@say_if_slow("Looking up what the stack has")
def plan_teardown(stack: str, others: bool = False) -> TeardownPlan:
    """What will be deleted. Raises JobError when the group holds resources of others, unless `others` allows it."""
    if stack == "local":
        raise JobError(
            "The laptop's services are not a stack: `python -m jobs local down` stops them.", ErrorKind.invalid
        )
    names = find_names(stack)
    with Arm() as arm, translate_errors(f"the group {names.resource_group}", ROLE):
        resources = list_group(arm, names)
        nested = list_nested(arm, names, resources)
    if not others and (foreign := foreign_resources([*resources, *nested])):
        raise JobError(
            f"Deleting the group {names.resource_group} would also delete what is not of this stack "
            f"({', '.join(map(str, foreign))}): move that to another group (`az resource move`), or add --others.",
            ErrorKind.conflict,
        )
    state, locks = read_interruption(stack)
    check_locks(stack, locks, yes=False)
    operations = [] if state is None else state.operations
    return TeardownPlan(
        names,
        tuple(resources),
        nested=tuple(nested),
        locks=tuple(locks),
        operations=tuple(map(describe_operation, operations)),
        others=others,
    )


def tear_down(plan: TeardownPlan, sleep: Sleep = time.sleep) -> TeardownResult:
    """Destroy, purge, and check. Raises JobError when Pulumi or Azure stop it before the end.

    The record of the names is deleted when nothing is left, and only then.
    """
    names = plan.names
    RECORDS.write(names.stack, names)
    lift_locks(names.stack, plan.locks)
    with Arm() as arm:
        delete_nested(arm, unknown_to_pulumi(plan))
        workspace = [f"workspace {names.ml_workspace}"] if purge_workspace(arm, names) else []
        destroy_with_retry(names.stack, sleep, lambda: delete_all_nested(arm, plan))
        delete_group(arm, names, plan.others)
        purged, kept = purge_deleted(arm, names)
        left = wait_until_gone(arm, names, sleep)
    if not left:
        forget_operations(names.stack)
        NOTES.delete(names.stack)
        RECORDS.delete(names.stack)
    return TeardownResult(
        stack=names.stack,
        resources=plan.resources,
        purged=(*workspace, *purged),
        kept=tuple(kept),
        left=tuple(left),
        commands=tuple(left.values()),
        clean=not left,
    )


def unknown_to_pulumi(plan: TeardownPlan) -> list[Resource]:
    """What is nested and no program makes: hosts, and projects of others, which `--others` allowed to delete."""
    return [each for each in plan.nested if each.type.endswith(HOSTS) or not each.of_stack]


def delete_all_nested(arm: Arm, plan: TeardownPlan) -> None:
    """Delete the stack's own project too: Pulumi does not know it where its create was interrupted."""
    with translate_errors(f"what is in the group {plan.names.resource_group}", ROLE):
        delete_nested(arm, list_nested(arm, plan.names, plan.resources))


@say_if_slow("Purging what Azure soft-deletes")
def purge_deleted(arm: Arm, names: StackNames) -> tuple[list[str], list[str]]:
    """Purge what of the stack is soft-deleted. Returns what was purged, and what cannot be."""
    purged, kept = [], []
    for each in soft_deleted.find_deleted(arm, names):
        if each.is_purge_protected:
            kept.append(f"{each}, {soft_deleted.protection_reason(each)}")
            continue
        terminal.log(f"Purging the {each}")
        soft_deleted.purge(arm, each)
        purged.append(str(each))
    return purged, kept


@say_if_slow("Waiting until Azure lists nothing of the stack")
def wait_until_gone(arm: Arm, names: StackNames, sleep: Sleep) -> dict[str, str]:
    """What is left after Azure had the time to update its lists: names, and the commands that delete them."""
    left: dict[str, str] = {}

    def is_gone() -> bool:
        nonlocal left
        if left:
            terminal.log(f"Azure still lists {', '.join(left)}")
        left = remaining(arm, names)
        return not left

    wait_until(is_gone, every=repeat(POLL_SECONDS, POLLS), at_most=inf, sleep=sleep)
    return left


def remaining(arm: Arm, names: StackNames) -> dict[str, str]:
    """Everything of the stack that Azure still has, and the command that deletes it."""
    with translate_errors(f"what is left of {names.stack}", ROLE):
        resources = {each.id.lower(): each for each in (*list_group(arm, names), *list_by_tags(arm, names))}
    deleted = [each for each in soft_deleted.find_deleted(arm, names) if not each.is_purge_protected]
    return {str(each): each.delete_command for each in resources.values()} | {
        f"soft-deleted {each}": each.purge_command for each in deleted
    }
