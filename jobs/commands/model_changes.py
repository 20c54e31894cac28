"""The commands about models that change a deployment: `upgrade`, `policy`, `scale`, `deploy`, `adopt`."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from jobs import terminal
from jobs.commands.model_options import (
    Account,
    Group,
    Stack,
    Subscription,
    Tool,
    confirm_change,
    require_answer,
    write,
)
from jobs.commands.models import models
from jobs.commands.options import Json
from jobs.models.choice import Choice
from jobs.models.life import Policy

if TYPE_CHECKING:
    from jobs.azure.arm import Arm
    from jobs.models.account import ModelAccount
    from jobs.models.apply import How
    from jobs.models.change import Plan

ROLE = "Cognitive Services Contributor of the account"

Name: TypeAlias = Annotated[str, typer.Argument(metavar="NAME", help="The name of the deployment.")]
Yes: TypeAlias = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
DryRun: TypeAlias = Annotated[bool, typer.Option("--dry-run", help="Show the plan, and change nothing.")]
Show: TypeAlias = Annotated[
    Tool | None, typer.Option("--show", metavar="rest|curl|powershell|az", help="Print the change to make by hand.")
]
NoWait: TypeAlias = Annotated[bool, typer.Option("--no-wait", help="Do not wait until Azure is done.")]
Timeout: TypeAlias = Annotated[int, typer.Option("--timeout", metavar="MINUTES", min=1, help="How long to wait.")]
Write: TypeAlias = Annotated[bool, typer.Option("--write", help="Write it into Pulumi.STACK.yaml too.")]
Runway: TypeAlias = Annotated[
    int, typer.Option("--runway", metavar="DAYS", min=0, help="How long the model has to live.")
]
Capacity: TypeAlias = Annotated[
    int, typer.Option("--capacity", metavar="N", min=1, help="Thousands of tokens a minute, or PTU.")
]


@models.command(epilog="Example: python -m jobs models upgrade chat @2026-07-09 --target dev --write")
def upgrade(
    name: Name,
    to: Annotated[str | None, typer.Argument(metavar="MODEL@VERSION", help="@VERSION: of the same model.")] = None,
    target: Stack = "dev",
    account: Account = None,
    group: Group = None,
    subscription: Subscription = None,
    watch: Annotated[bool, typer.Option("--watch", help="Only wait for a change that is at work.")] = False,
    runway: Runway = 90,
    yes: Yes = False,
    dry_run: DryRun = False,
    show: Show = None,
    no_wait: NoWait = False,
    timeout: Timeout = 60,
    to_file: Write = False,
    as_json: Json = False,
) -> None:
    """Give a deployment another version in place; a provisioned one another model too. Checked, and read back."""
    from jobs.models.apply import How
    from jobs.models.change import plan_upgrade, plan_watch

    if (to is None) != watch:
        raise typer.BadParameter("give MODEL@VERSION, or --watch without it", param_hint="MODEL@VERSION")

    def plan(arm: "Arm", found: "ModelAccount") -> "Plan":
        return plan_watch(arm, found, name) if to is None else plan_upgrade(arm, found, name, to, runway)

    choice = Choice(target, account, group, subscription)
    run(choice, plan, How(not no_wait, timeout, to_file), Asked(yes or watch, dry_run, show, as_json))


@models.command(epilog="Example: python -m jobs models policy chat OnceCurrentVersionExpired --target dev --write")
def policy(
    name: Name,
    to: Annotated[Policy, typer.Argument(metavar="POLICY", help=", ".join(Policy))],
    target: Stack = "dev",
    account: Account = None,
    group: Group = None,
    subscription: Subscription = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    show: Show = None,
    no_wait: NoWait = False,
    timeout: Timeout = 60,
    to_file: Write = False,
    as_json: Json = False,
) -> None:
    """Set who moves a deployment to another version, and when. Written explicitly, also where Azure has null."""
    from jobs.models.apply import How
    from jobs.models.change import plan_policy

    choice = Choice(target, account, group, subscription)
    how = How(not no_wait, timeout, to_file)
    run(choice, lambda arm, found: plan_policy(arm, found, name, to), how, Asked(yes, dry_run, show, as_json))


@models.command(epilog="Example: python -m jobs models scale chat 20 --target dev --write")
def scale(
    name: Name,
    to: Annotated[int, typer.Argument(metavar="N", min=1, help="Thousands of tokens a minute, or PTU.")],
    target: Stack = "dev",
    account: Account = None,
    group: Group = None,
    subscription: Subscription = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    show: Show = None,
    no_wait: NoWait = False,
    timeout: Timeout = 60,
    to_file: Write = False,
    as_json: Json = False,
) -> None:
    """Give a deployment another capacity. Minimum, maximum, steps and quota are checked first."""
    from jobs.models.apply import How
    from jobs.models.change import plan_scale

    choice = Choice(target, account, group, subscription)
    how = How(not no_wait, timeout, to_file)
    run(choice, lambda arm, found: plan_scale(arm, found, name, to), how, Asked(yes, dry_run, show, as_json))


@dataclass(frozen=True)
class Asked:
    """How the user wants to be asked, and to see the result."""

    yes: bool
    dry_run: bool
    show: Tool | None
    as_json: bool


def run(choice: Choice, make_plan: Callable[["Arm", "ModelAccount"], "Plan"], how: "How", asked: Asked) -> None:
    """Plan, show, ask, and make a change."""
    from jobs.azure.arm import Arm
    from jobs.azure.errors import translate_errors
    from jobs.models.account import find_account
    from jobs.models.apply import make_change, not_made
    from jobs.models.by_hand import by_hand

    if how.write and not how.wait:
        raise typer.BadParameter("--write puts in what was read back: leave out --no-wait", param_hint="--write")
    require_answer(asked.yes or asked.dry_run or asked.show is not None)
    with translate_errors("the deployment", ROLE), Arm() as arm:
        plan = make_plan(arm, find_account(arm, choice))
        if asked.show:
            text = by_hand(plan, asked.show)
            write(f"{json.dumps({'tool': asked.show, 'text': text}) if asked.as_json else text}\n")
            return
        terminal.log_summary(plan)
        if asked.dry_run:
            result = not_made(plan)
        else:
            confirm_change(f"Change {plan.name}?", asked.yes or plan.is_done)
            result = make_change(arm, plan, how)
    terminal.print_result(result, asked.as_json)
