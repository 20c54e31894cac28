"""teardown: delete a stack, empty Azure's bin of it, and look whether anything is left that costs.

Killed at any moment and run again it goes on: what it has to know is on disk before the first deletion.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from jobs import terminal
from jobs.azure.arm import Arm
from jobs.azure.errors import translate_errors
from jobs.errors import JobError
from jobs.pause import note
from jobs.teardown import record, soft_deleted
from jobs.teardown.destruction import destroy_with_retry
from jobs.teardown.record import Names
from jobs.teardown.resources import Resource, foreign_resources, list_by_tags, list_group

ROLE = "Contributor on the subscription"
LOOKS, LOOK_SECONDS = 12, 10.0  # Azure lists what is deleted for a minute or two


@dataclass(frozen=True)
class TeardownPlan:
    """What will go: everything in the group, and the two that Azure keeps in its bin."""

    names: Names
    resources: tuple[Resource, ...]

    def summary(self) -> str:
        lines = [f"  {each}" for each in self.resources] or ["  nothing: it is gone, or was never made"]
        return "\n".join(
            [
                f"The stack {self.names.stack}, in the group {self.names.resource_group}:",
                *lines,
                f"and from Azure's bin the vault {self.names.vault} and the Foundry account {self.names.foundry}.",
            ]
        )


@dataclass(frozen=True)
class TeardownResult:
    """`resources` stood before, `purged` were in the bin, `left` is what still stands.

    `kept` lies in the bin for as long as its purge protection says; it costs nothing.
    """

    stack: str
    resources: tuple[Resource, ...]
    purged: tuple[str, ...]
    kept: tuple[str, ...]
    left: tuple[str, ...]
    clean: bool

    def summary(self) -> str:
        lines = [
            f"Nothing of the stack {self.stack} is left that costs: none in its group, none with its tags elsewhere."
        ]
        if self.left:
            again = f"`python -m jobs teardown --target {self.stack}` looks again"
            lines = [f"The stack {self.stack} is destroyed, but Azure still has {', '.join(self.left)}: {again}."]
        if self.purged:
            lines.append(f"Purged from Azure's bin: {', '.join(self.purged)}.")
        lines += [f"In Azure's bin, free of charge: {each}." for each in self.kept]
        return "\n".join(lines)


def plan_teardown(stack: str, others: bool = False) -> TeardownPlan:
    """What will go. Raises Failure when the group holds what is not of the stack, unless `others` lets it go too."""
    if stack == "local":
        raise JobError("The laptop's services are no stack: `python -m jobs local down` stops them.")
    names = record.find(stack)
    with Arm() as arm, translate_errors(f"the group {names.resource_group}", ROLE):
        resources = list_group(arm, names)
    if not others and (foreign := foreign_resources(resources)):
        raise JobError(
            f"The group {names.resource_group} would take with it what is not of this stack "
            f"({', '.join(map(str, foreign))}): move that to another group (`az resource move`), or add --others."
        )
    return TeardownPlan(names, tuple(resources))


def tear_down(plan: TeardownPlan, wait: Callable[[float], None] = time.sleep) -> TeardownResult:
    """Destroy, purge, and look. Raises Failure when Pulumi or Azure stop it before the end.

    The record of the names goes when nothing is left, and only then.
    """
    names = plan.names
    record.write(names)
    destroy_with_retry(names.stack, wait)
    with Arm() as arm:
        purged, kept = purge_deleted(arm, names)
        left = wait_until_gone(arm, names, wait)
    if not left:
        note.drop(names.stack)
        record.drop(names)
    return TeardownResult(names.stack, plan.resources, tuple(purged), tuple(kept), tuple(left), clean=not left)


def purge_deleted(arm: Arm, names: Names) -> tuple[list[str], list[str]]:
    """Purge what of the stack lies in Azure's bin. Gives back what was purged, and what cannot be."""
    purged, kept = [], []
    for each in soft_deleted.candidates(names):
        found = soft_deleted.find_deleted(arm, each, names)
        if found is None:
            continue
        if why := soft_deleted.protection(found):
            kept.append(f"{each}, {why}")
            continue
        terminal.log(f"Purging the {each}")
        soft_deleted.purge(arm, each)
        purged.append(str(each))
    return purged, kept


def wait_until_gone(arm: Arm, names: Names, wait: Callable[[float], None]) -> list[str]:
    """What is left, when Azure has had the time to notice what is not."""
    left = remaining(arm, names)
    for _ in range(LOOKS):
        if not left:
            break
        terminal.log(f"Azure still lists {', '.join(left)}")
        wait(LOOK_SECONDS)
        left = remaining(arm, names)
    return left


def remaining(arm: Arm, names: Names) -> list[str]:
    """Everything of the stack that Azure still knows, each once."""
    with translate_errors(f"what is left of {names.stack}", ROLE):
        found = {each.id.lower(): str(each) for each in (*list_group(arm, names), *list_by_tags(arm, names))}
    for each in soft_deleted.candidates(names):
        seen = soft_deleted.find_deleted(arm, each, names)
        if seen is not None and not soft_deleted.protection(seen):
            found[each.path] = f"{each} in its bin"
    return list(found.values())
