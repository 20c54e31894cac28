"""The commands `models deploy` and `models adopt`: a deployment that is new, and settings that follow Azure."""

from typing import Annotated

import typer

from jobs import terminal
from jobs.commands.model_changes import Asked, Capacity, DryRun, Name, NoWait, Runway, Show, Timeout, Write, Yes, run
from jobs.commands.model_options import Account, Group, Stack, Subscription
from jobs.commands.models import models
from jobs.commands.options import Json
from jobs.models.choice import Choice
from jobs.models.life import Policy


@models.command(
    epilog="Example: python -m jobs models deploy chat-2 gpt-5.6-luna@2026-07-09 --sku GlobalStandard --capacity 10"
)
def deploy(
    name: Name,
    to: Annotated[str, typer.Argument(metavar="MODEL@VERSION")],
    sku: Annotated[str, typer.Option("--sku", metavar="S", help="Such as GlobalStandard.")],
    capacity: Capacity,
    policy: Annotated[Policy, typer.Option("--policy", metavar="POLICY", help="Who moves it.")] = Policy.pinned,
    content_filter: Annotated[
        str, typer.Option("--content-filter", metavar="NAME", help="Its content filter. Default: Azure's.")
    ] = "",
    form: Annotated[str, typer.Option("--model-format", metavar="FORMAT")] = "OpenAI",
    target: Stack = "dev",
    account: Account = None,
    group: Group = None,
    subscription: Subscription = None,
    runway: Runway = 90,
    yes: Yes = False,
    dry_run: DryRun = False,
    show: Show = None,
    no_wait: NoWait = False,
    timeout: Timeout = 60,
    to_file: Write = False,
    as_json: Json = False,
) -> None:
    """Create a deployment. In a stack it becomes an entry of the setting, and `pulumi up` creates it."""
    from jobs.models.apply import How
    from jobs.models.deploy import plan_deploy
    from jobs.models.target_model import parse_target

    wanted = {
        **parse_target(to)._asdict(),
        **{"sku": sku, "capacity": capacity, "policy": policy, "content_filter": content_filter, "format": form},
    }
    choice = Choice(target, account, group, subscription)
    how = How(not no_wait, timeout, to_file)
    run(
        choice,
        lambda arm, found: plan_deploy(arm, found, name, wanted, runway),
        how,
        Asked(yes, dry_run, show, as_json),
    )


@models.command(epilog="Example: python -m jobs models adopt --target dev --write")
def adopt(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="One deployment. Default: all.")] = None,
    target: Stack = "dev",
    to_file: Write = False,
    as_json: Json = False,
) -> None:
    """Take over into the stack's settings what Azure changed by itself."""
    from jobs.models.adopt import adopt as take_over

    terminal.print_result(take_over(Choice(target), name, to_file), as_json)
