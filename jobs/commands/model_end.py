"""The commands that delete, and what they prove it by: `models traffic`, `models migrate finish` and `back`."""

from typing import Annotated, TypeAlias

import typer

from jobs import terminal
from jobs.commands.model_changes import Asked, DryRun, Yes
from jobs.commands.model_migrate import Alias, Routing, migrate, run
from jobs.commands.model_options import Account, Group, Stack, Subscription, write_json
from jobs.commands.models import models
from jobs.commands.options import Json, Outputs
from jobs.models.choice import Choice

Minutes: TypeAlias = Annotated[
    int, typer.Option("--minutes", metavar="N", min=5, help="How long nobody may have called it.")
]
Probe: TypeAlias = Annotated[
    bool, typer.Option("--probe", help="Send the other deployment a request: where nobody else calls the account.")
]
Unproved: TypeAlias = Annotated[
    str | None, typer.Option("--unproved", metavar="NAME", help="Delete it without a proof: type its name.")
]


@models.command(epilog="Example: python -m jobs models traffic chat --minutes 10 --target dev")
def traffic(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="Whether this one is quiet: exit 6 if not.")
    ] = None,
    minutes: Minutes = 10,
    target: Stack = "dev",
    account: Account = None,
    group: Group = None,
    subscription: Subscription = None,
    as_json: Json = False,
) -> int:
    """Show who is called how often, from Azure's metrics, up to the newest minute that has arrived."""
    from jobs.models.show_traffic import show_traffic

    result = show_traffic(Choice(target, account, group, subscription), name, minutes)
    if as_json:
        write_json(result.document())
    else:
        terminal.print_result(result, as_json)
    return result.status


@migrate.command(epilog="Example: python -m jobs models migrate finish chat --target dev")
def finish(
    name: Alias,
    minutes: Minutes = 10,
    probe: Probe = False,
    unproved: Unproved = None,
    rehearse: Annotated[
        int | None,
        typer.Option("--rehearse", metavar="MIN", min=1, help="Pause the old one first, and stop if anybody calls."),
    ] = None,
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
    """Delete the old deployment, only when it is proved that nobody calls it; else exit 6."""
    from jobs.models.migrate.finish import describe_end
    from jobs.models.migrate.finish import finish as end
    from jobs.models.migrate.proof import Ask

    ask = Ask(minutes, probe, unproved, rehearse)
    run(
        Choice(target, account, group, subscription, outputs),
        name,
        routing,
        Asked(yes, dry_run, None, as_json),
        lambda session: describe_end(session, "finish", ask),
        lambda session: end(session, ask),
    )


@migrate.command(epilog="Example: python -m jobs models migrate back chat --target dev")
def back(
    name: Alias,
    minutes: Minutes = 10,
    probe: Probe = False,
    unproved: Unproved = None,
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
    """Give the old deployment all requests again, and delete the new one under the same proof."""
    from jobs.models.migrate.finish import back as return_to_old
    from jobs.models.migrate.finish import describe_end
    from jobs.models.migrate.proof import Ask

    ask = Ask(minutes, probe, unproved)
    run(
        Choice(target, account, group, subscription, outputs),
        name,
        routing,
        Asked(yes, dry_run, None, as_json),
        lambda session: describe_end(session, "back", ask),
        lambda session: return_to_old(session, ask),
    )
