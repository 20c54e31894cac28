"""The commands `cost`, `pause`, `resume`, `recover` and `teardown`: what a stack costs, and how to keep or stop it."""

import sys
from typing import Annotated, TypeAlias

import typer

from jobs import terminal
from jobs.commands.options import Json, Outputs
from jobs.errors import ErrorKind, JobError
from jobs.notice import say_if_slow

app = typer.Typer()

StackName: TypeAlias = Annotated[str, typer.Option("--target", metavar="STACK", help="The name of a Pulumi stack.")]


@app.command(epilog="Example: python -m jobs cost --target dev --refresh --credit 80")
def cost(
    target: StackName = "dev",
    refresh: Annotated[bool, typer.Option("--refresh", help="Read Azure's public price list again; no login.")] = False,
    credit: Annotated[
        float | None, typer.Option("--credit", min=0, max=1e12, metavar="AMOUNT", help="What is left of your credit.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what the stack costs a month as configured, what it has cost, and how long the credit lasts."""
    from jobs.cost.run import estimate_cost

    terminal.print_result(estimate_cost(target, refresh, credit), as_json)


@app.command(epilog="Example: python -m jobs pause --target dev")
def pause(target: StackName, outputs: Outputs = None, as_json: Json = False) -> None:
    """Stop the database and the daily trigger: the server then costs its storage only, for seven days."""
    from jobs.pause.run import pause_stack

    with say_if_slow("Pausing the stack"):
        result = pause_stack(target, outputs)
    terminal.print_result(result, as_json)


@app.command(epilog="Example: python -m jobs resume --target dev")
def resume(
    target: StackName,
    outputs: Outputs = None,
    trigger: Annotated[
        bool | None,
        typer.Option("--trigger/--no-trigger", help="Start the daily trigger, or not; default: if `pause` stopped it."),
    ] = None,
    as_json: Json = False,
) -> int:
    """Start the database, wait until it accepts connections, and start the daily trigger if `pause` stopped it."""
    from jobs.pause.run import resume_stack

    with say_if_slow("Resuming the stack"):
        result = resume_stack(target, outputs, trigger)
    terminal.print_result(result, as_json)
    return 0 if result.answers is not False else 1


@app.command(epilog="Example: python -m jobs teardown --target dev")
def teardown(
    target: StackName,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")] = False,
    others: Annotated[
        bool, typer.Option("--others", help="Also delete what others put into the stack's group.")
    ] = False,
    as_json: Json = False,
) -> int:
    """Delete the stack, purge what Azure soft-deletes, then check that nothing is left that is billed."""
    from jobs.teardown.run import plan_teardown, tear_down

    if not yes and not sys.stdin.isatty():
        raise typer.BadParameter("this is not a terminal: add --yes to delete the stack", param_hint="--yes")
    plan = plan_teardown(target, others)
    terminal.log_summary(plan)
    if not yes and not confirm(f"Delete the stack {target} with all the data in it?"):
        raise JobError(
            "Nothing was deleted: `python -m jobs pause` stops paying for the server and keeps the data.",
            ErrorKind.refused,
        )
    result = tear_down(plan)
    terminal.print_result(result, as_json)
    return 0 if result.clean else 1


@app.command(epilog="Example: python -m jobs recover --target dev")
def recover(
    target: StackName,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what it would do.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Bring back the state that the last run replaced.")] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Do not ask; lift a lock whose owner may be alive, too.")
    ] = False,
    as_json: Json = False,
) -> int:
    """Make a stack that an interrupted or failed `pulumi up` left behind go on, without losing anything."""
    from jobs.recover.run import build_result, plan_recovery
    from jobs.recover.run import recover as recover_stack

    if undo:
        return undo_recover(target, dry_run, yes, as_json)
    with say_if_slow("Comparing the stack with Azure"):
        plan = plan_recovery(target, yes, dry_run)
    if plan.summary():
        terminal.log_summary(plan)
    if dry_run or not plan.is_needed:
        result = build_result(plan, recovered=False, dry_run=dry_run)
    else:
        check_answer(f"Change the state of the stack {target} so? Azure stays as it is.", yes)
        result = recover_stack(plan, yes)
    terminal.print_result(result, as_json)
    return 1 if result.foreign else 0


def undo_recover(target: str, dry_run: bool, yes: bool, as_json: bool) -> int:
    """Show the state that comes back, ask, and bring it back."""
    from jobs.recover.undo import find_replaced, undo_recovery

    file = find_replaced(target)
    terminal.log(f"The state of {file} comes back.")
    if not dry_run:
        check_answer(f"Bring back this state of the stack {target}?", yes)
        terminal.print_result(undo_recovery(target, file, yes), as_json)
    return 0


def check_answer(question: str, yes: bool) -> None:
    """Raise an error unless the user says yes, or has said it by `--yes`."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise typer.BadParameter("this is not a terminal: add --yes to change the state", param_hint="--yes")
    if not confirm(question):
        raise JobError("Nothing was changed.", ErrorKind.refused)


def confirm(question: str) -> bool:
    """Ask the user. Ctrl-C and the end of input are a no."""
    try:
        return terminal.ask(question)
    except typer.Abort:
        return False
