"""recover: take what Azure has finished into the state, so that `pulumi up` goes on. Azure itself is not changed.

Everything is looked up on a copy of the state. The stack's own state changes once, in one step, and is saved before.
You can interrupt it at any moment and run it again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from jobs.errors import ErrorKind, JobError
from jobs.recover.backup import RECORDS, Replaced, hash_state, save_state
from jobs.recover.lock import Lock, check_locks, find_locks, lift_locks
from jobs.recover.look_up import Found, look_up, unknown_creates
from jobs.recover.scratch import open_scratch
from jobs.recover.sidecars import delete_empty_sidecars
from jobs.recover.state import SECRETS, LockedError, State, describe_operation, read_state, write_state
from jobs.wait import Sleep


@dataclass(frozen=True, kw_only=True)
class RecoveryPlan:
    """What was found, and the state as it will be. `before` is the state that was looked at, its secrets encrypted."""

    stack: str
    before: State
    after: str
    locks: tuple[Lock, ...] = ()
    operations: tuple[str, ...] = ()
    taken: tuple[Found, ...] = ()
    absent: tuple[Found, ...] = ()
    gone: tuple[Found, ...] = ()
    foreign: tuple[Found, ...] = ()
    unknown: tuple[Found, ...] = ()

    @property
    def changes_state(self) -> bool:
        return bool(self.taken or self.gone or len(self.operations) > len(self.unknown))

    @property
    def is_needed(self) -> bool:
        return self.changes_state or bool(self.locks)

    def summary(self) -> str:
        return "\n".join(
            [
                *lines("Locked by", self.locks),
                *lines("Interrupted", self.operations),
                *lines("Azure has, and the state lacks", self.taken),
                *lines("Azure does not have, and `pulumi up` creates", self.absent),
                *lines("Azure has no longer, and the state has", self.gone),
                *lines("Not of this stack, left alone", self.foreign),
                *lines("Left pending, for `pulumi refresh` to ask you about", self.unknown),
            ]
        )


def lines(title: str, found: Sequence[object]) -> list[str]:
    return [f"{title}:", *(f"  {each}" for each in found)] if found else []


@dataclass(frozen=True, kw_only=True)
class RecoverResult:
    """`taken` went into the state and `gone` left it; `absent` are interrupted creates that Azure does not have.

    `foreign` has a name that this stack wants, and is not its own. `backup` is the file with the state as it was.
    """

    stack: str
    recovered: bool
    dry_run: bool
    locks: tuple[Lock, ...] = ()
    operations: tuple[str, ...] = ()
    taken: tuple[Found, ...] = ()
    absent: tuple[Found, ...] = ()
    gone: tuple[Found, ...] = ()
    foreign: tuple[Found, ...] = ()
    unknown: tuple[Found, ...] = ()
    backup: str = ""
    next: str = field(default="")

    def summary(self) -> str:
        if self.dry_run and (self.taken or self.gone or self.operations or self.locks):
            return f"Nothing was changed. Next: python -m jobs recover --target {self.stack}"
        if not self.recovered:
            return f"Nothing to recover in the stack {self.stack}.{self._obstacle()}"
        text = f"Recovered the stack {self.stack}: {len(self.taken)} taken into its state."
        if self.backup:
            undo = f"`python -m jobs recover --target {self.stack} --undo`"
            text += f"\nThe state as it was is in {self.backup}: {undo} brings it back."
        return text + (self._obstacle() or f"\nNext: {self.next}")

    def _obstacle(self) -> str:
        """What will stop `pulumi up`, on a line of its own; empty where nothing will."""
        if not self.foreign:
            return ""
        names = "; ".join(map(str, self.foreign))
        return (
            f"\n`pulumi up` will stop at what is not of this stack: {names}. Choose another nameSuffix, or "
            "delete it if nobody needs it."
        )


def plan_recovery(stack: str, yes: bool, dry_run: bool = False, sleep: Sleep | None = None) -> RecoveryPlan:
    """What there is to recover; neither the state nor Azure is changed. Raises JobError.

    A lock whose owner may be alive is refused unless `yes`: Pulumi may still be at work. A dry run only looks.
    """
    if stack == "local":
        raise JobError(
            "The laptop's services are not a stack: `python -m jobs local up` starts them again.", ErrorKind.invalid
        )
    delete_empty_sidecars(stack, dry_run)
    before = read_state(stack)
    locks = find_locks(stack)
    check_locks(stack, locks, yes or dry_run)
    if not before.resources and not before.operations:
        return RecoveryPlan(stack=stack, before=before, after="", locks=tuple(locks))
    readable = read_state(stack, show_secrets=True)
    with open_scratch(stack, readable) as scratch:
        found = look_up(scratch, readable, sleep)
    unknown = unknown_creates(readable)
    left = [each for each in readable.operations if each["resource"]["urn"] in {one.urn for one in unknown}]
    return RecoveryPlan(
        stack=stack,
        before=before,
        after=readable.replace(found.resources, before.deployment.get(SECRETS), left),
        locks=tuple(locks),
        operations=tuple(describe_operation(each) for each in readable.operations),
        taken=tuple(found.taken),
        absent=tuple(found.absent),
        gone=tuple(found.gone),
        foreign=tuple(found.foreign),
        unknown=tuple(unknown),
    )


def recover(plan: RecoveryPlan, yes: bool) -> RecoverResult:
    """Lift the locks and replace the state. Raises JobError; the state is then as it was."""
    backup = ""
    lift_locks(plan.stack, plan.locks)
    if plan.changes_state:
        backup = replace_state(plan.stack, plan.before, plan.after, yes)
    return build_result(plan, backup=backup, recovered=plan.is_needed)


def build_result(plan: RecoveryPlan, *, recovered: bool, backup: str = "", dry_run: bool = False) -> RecoverResult:
    return RecoverResult(
        stack=plan.stack,
        recovered=recovered,
        dry_run=dry_run,
        locks=plan.locks,
        operations=plan.operations,
        taken=plan.taken,
        absent=plan.absent,
        gone=plan.gone,
        foreign=plan.foreign,
        unknown=plan.unknown,
        backup=backup,
        next=f"pulumi up --stack {plan.stack}",
    )


def replace_state(stack: str, before: State, after: str, yes: bool) -> str:
    """Save the state and replace it. Returns the path of the saved one. Raises JobError where it changed meanwhile."""
    if read_state(stack).text != before.text:
        raise JobError(
            f"The state of the stack {stack} has changed meanwhile, and was left as it is: run the same command again.",
            ErrorKind.conflict,
        )
    backup = str(save_state(stack, before))
    try:
        write_state(stack, after)
    except LockedError as error:  # of a backend whose locks find_locks does not see
        check_locks(stack, error.locks, yes)
        lift_locks(stack, error.locks)
        write_state(stack, after)
    RECORDS.write(stack, Replaced(backup, hash_state(read_state(stack))))
    return backup
