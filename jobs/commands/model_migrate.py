"""The first commands of `models migrate`: a new deployment beside the old one, and the weights between them."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from jobs import terminal
from jobs.commands.model_changes import ROLE, Asked, DryRun, Runway, Timeout, Yes
from jobs.commands.model_options import Account, Group, Stack, Subscription, confirm_change, require_answer
from jobs.commands.models import models
from jobs.commands.options import Json, Outputs
from jobs.models.choice import Choice

if TYPE_CHECKING:
    from jobs.models.migrate.result import Planned, Step
    from jobs.models.migrate.session import Session

migrate = typer.Typer(no_args_is_help=True)
models.add_typer(
    migrate,
    name="migrate",
    help="Move to another model with two deployments side by side: plan, start, shift, status, finish or back.",
    epilog="Example: python -m jobs models migrate plan chat gpt-5.6-luna@2026-07-09 --target dev",
)

Describe: TypeAlias = Callable[["Session"], str]
Act: TypeAlias = Callable[["Session"], "Step"]
Alias: TypeAlias = Annotated[str, typer.Argument(metavar="NAME", help="The deployment that is migrated: the alias.")]
To: TypeAlias = Annotated[str, typer.Argument(metavar="MODEL@VERSION")]
Sku: TypeAlias = Annotated[str | None, typer.Option("--sku", metavar="S", help="Default: that of the old one.")]
Capacity: TypeAlias = Annotated[
    int | None, typer.Option("--capacity", metavar="N", min=1, help="Default: that of the old one.")
]
NewName: TypeAlias = Annotated[
    str | None, typer.Option("--as", metavar="NAME", help="The new deployment's name. Default: NAME-2, and so on.")
]
Routing: TypeAlias = Annotated[
    Path | None,
    typer.Option("--routing", metavar="PATH", help="The weights' file. Default: a blob of the stack's lake."),
]


@migrate.command(epilog="Example: python -m jobs models migrate plan chat gpt-5.6-luna@2026-07-09 --target dev")
def plan(
    name: Alias,
    to: To,
    sku: Sku = None,
    capacity: Capacity = None,
    new: NewName = None,
    runway: Runway = 90,
    routing: Routing = None,
    outputs: Outputs = None,
    target: Stack = "dev",
    account: Account = None,
    group: Group = None,
    subscription: Subscription = None,
    as_json: Json = False,
) -> int:
    """Check that the new deployment is possible beside the old one, and show the steps. Changes nothing."""
    from jobs.models.migrate.open import at_migration
    from jobs.models.migrate.plan import Wanted, plan_migration

    choice = Choice(target, account, group, subscription, outputs)
    wanted = Wanted(to, sku, capacity, new, runway)
    result = at_migration(choice, name, routing, ROLE, lambda session: plan_migration(session, wanted))
    terminal.print_result(result, as_json)
    return result.status


@migrate.command(epilog="Example: python -m jobs models migrate start chat gpt-5.6-luna@2026-07-09 --target dev")
def start(
    name: Alias,
    to: To,
    sku: Sku = None,
    capacity: Capacity = None,
    new: NewName = None,
    runway: Runway = 90,
    routing: Routing = None,
    outputs: Outputs = None,
    target: Stack = "dev",
    account: Account = None,
    group: Group = None,
    subscription: Subscription = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    timeout: Timeout = 60,
    as_json: Json = False,
) -> None:
    """Deploy the new one, with weights of 100 to 0. In a stack `pulumi up` does that: then run the command again."""
    from jobs.models.migrate.plan import Wanted, plan_migration
    from jobs.models.migrate.start import start as begin

    wanted = Wanted(to, sku, capacity, new, runway)
    run(
        Choice(target, account, group, subscription, outputs),
        name,
        routing,
        Asked(yes, dry_run, None, as_json),
        lambda session: terminal.summarize(plan_migration(session, wanted)),
        lambda session: begin(session, wanted, timeout),
    )


@migrate.command(epilog="Example: python -m jobs models migrate shift chat 10 --target dev")
def shift(
    name: Alias,
    share: Annotated[int, typer.Argument(metavar="PERCENT", min=0, max=100, help="The share of the new one.")],
    routing: Routing = None,
    outputs: Outputs = None,
    target: Stack = "dev",
    account: Account = None,
    group: Group = None,
    subscription: Subscription = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Move a share of the requests to the new deployment, once that has answered one."""
    from jobs.models.migrate.shift import describe_shift
    from jobs.models.migrate.shift import shift as move

    run(
        Choice(target, account, group, subscription, outputs),
        name,
        routing,
        Asked(yes, dry_run, None, as_json),
        lambda session: describe_shift(session, share),
        lambda session: move(session, share),
    )


@migrate.command(epilog="Example: python -m jobs models migrate status chat --target dev")
def status(
    name: Alias,
    routing: Routing = None,
    outputs: Outputs = None,
    target: Stack = "dev",
    account: Account = None,
    group: Group = None,
    subscription: Subscription = None,
    as_json: Json = False,
) -> None:
    """Show how far a migration is, and whether the calls follow the weights."""
    from jobs.models.migrate.open import at_migration
    from jobs.models.migrate.shift import status as look

    choice = Choice(target, account, group, subscription, outputs)
    terminal.print_result(at_migration(choice, name, routing, ROLE, look), as_json)


def run(choice: Choice, name: str, routing: Path | None, asked: Asked, describe: Describe, act: Act) -> None:
    """Show what a step does, ask, and take it."""
    from jobs.models.migrate.open import at_migration
    from jobs.models.migrate.result import Planned

    require_answer(asked.yes or asked.dry_run)

    def step(session: "Session") -> "Step | Planned":
        lines = describe(session).splitlines()
        for line in lines:
            terminal.log(line)
        if asked.dry_run:
            return Planned(session.alias, tuple(lines))
        confirm_change("Go on?", asked.yes)
        return act(session)

    result = at_migration(choice, name, routing, ROLE, step)
    if asked.as_json or not asked.dry_run:
        terminal.print_result(result, asked.as_json)
