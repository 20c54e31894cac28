"""The commands `cost`, `pause`, `resume` and `teardown`: what a stack costs, and how to stop paying."""

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
            ErrorKind.stopped,
        )
    result = tear_down(plan)
    terminal.print_result(result, as_json)
    return 0 if result.clean else 1


def confirm(question: str) -> bool:
    """Ask the user. Ctrl-C and the end of input are a no."""
    try:
        return terminal.ask(question)
    except typer.Abort:
        return False
