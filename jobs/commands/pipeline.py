"""Commands for Data Factory's pipeline: run it, list its runs, start and stop its schedule."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from jobs import terminal
from jobs.commands.options import Json, Outputs, TargetName
from jobs.pipeline import DEFAULT_PIPELINE, DEFAULT_TRIGGER, RETENTION_DAYS

if TYPE_CHECKING:
    from jobs.pipeline.run import PipelineResult
    from jobs.target import Target

app = typer.Typer()


class TriggerAction(StrEnum):
    start = "start"
    stop = "stop"
    status = "status"


def run_id_option(flag: str, text: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(flag, metavar="RUN_ID", help=text)
    return option


Follow: TypeAlias = Annotated[str | None, run_id_option("--follow", "Wait for a run that was started before.")]
Cancel: TypeAlias = Annotated[str | None, run_id_option("--cancel", "Cancel a run, and wait until it has ended.")]
FromFailure: TypeAlias = Annotated[
    str | None, run_id_option("--from-failure", "Run the failed activities of a run again, and those after them.")
]


@app.command("run-pipeline", epilog="Example: python -m jobs run-pipeline PL_Migrar_Datos_FER -p prefijoRuta=raw/x/")
def run_pipeline(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help=f"A pipeline of adf/pipeline. Default: {DEFAULT_PIPELINE}.")
    ] = None,
    parameter: Annotated[
        list[str] | None, typer.Option("-p", metavar="KEY=VALUE", help="A pipeline parameter.")
    ] = None,
    follow: Follow = None,
    cancel: Cancel = None,
    from_failure: FromFailure = None,
    target: TargetName = "local",
    outputs: Outputs = None,
    as_json: Json = False,
) -> int:
    """Run the Data Factory pipeline: the table to Parquet, the pictures from Blob to the lake."""
    run_ids = {"--follow": follow, "--cancel": cancel, "--from-failure": from_failure}
    chosen = {flag: run_id for flag, run_id in run_ids.items() if run_id is not None}
    raise_if_combined(chosen, {"NAME": name, "-p": parameter})
    if chosen:
        result = act_on_run(*chosen.popitem(), target, outputs)
    else:
        from jobs.pipeline.run import run_pipeline as start_pipeline
        from jobs.target import load_target

        values, flags = parse_parameters(parameter or []), stack_flags(target, outputs)
        result = start_pipeline(load_target(target, outputs), name or DEFAULT_PIPELINE, values, flags)
    terminal.print_result(result, as_json)
    return 0 if result.status == ("Succeeded" if cancel is None else "Cancelled") else 1


def raise_if_combined(chosen: dict[str, str], new: dict[str, object]) -> None:
    """Raise BadParameter where an option for a run that exists is combined with another, or with those of a new run."""
    if len(chosen) > 1:
        raise typer.BadParameter(f"{' and '.join(chosen)} exclude each other: give one of them")
    for option in (option for option, value in new.items() if chosen and value):
        raise typer.BadParameter(f"{option} is for a new run, and {next(iter(chosen))} for one that exists: give one")
    for flag, run_id in chosen.items():
        if not run_id.strip():
            raise typer.BadParameter("the run id is empty: `python -m jobs runs` lists them", param_hint=flag)


def parse_parameters(texts: list[str]) -> dict[str, str]:
    """The parameters of -p, by name. Raises BadParameter for a text that is not KEY=VALUE."""
    pairs = [text.partition("=") for text in texts]
    if bad := [key for key, equals, _ in pairs if not (key and equals)]:
        raise typer.BadParameter(f"write KEY=VALUE, not {bad[0]!r}", param_hint="-p")
    return {key: value for key, _, value in pairs}


def act_on_run(flag: str, run_id: str, target: str, outputs: Path | None) -> "PipelineResult":
    """Follow, cancel or rerun a run that was started before; its result, or that of the rerun."""
    stack = azure_target(target, outputs)
    from jobs.pipeline.data_factory.run import cancel_run, follow_run, rerun_from_failure
    from jobs.pipeline.run import to_result

    action = {"--follow": follow_run, "--cancel": cancel_run}.get(flag, rerun_from_failure)
    return to_result(action(stack, run_id, stack_flags(target, outputs)))


@app.command(epilog="Example: python -m jobs runs --target dev --days 7")
def runs(
    days: Annotated[int, typer.Option(min=1, max=RETENTION_DAYS, help="How many days back.")] = 7,
    limit: Annotated[int, typer.Option(min=1, help="The most runs to list, newest first.")] = 20,
    run: Annotated[str | None, run_id_option("--run", "Show this run with its activities.")] = None,
    target: TargetName = "local",
    outputs: Outputs = None,
    as_json: Json = False,
) -> None:
    """List the last pipeline runs: when they started, how they ended, and who started them. Or show one."""
    from jobs.pipeline.runs import list_local_runs, list_runs, show_run

    here = target == "local" and outputs is None
    stack = None if here else azure_target(target, outputs)
    if run is not None:
        terminal.print_result(show_run(stack, run, stack_flags(target, outputs)), as_json)
        return
    terminal.print_result(list_runs(stack, days, limit) if stack else list_local_runs(days, limit), as_json)


@app.command(epilog="Example: python -m jobs trigger start --target dev")
def trigger(
    action: Annotated[TriggerAction, typer.Argument(metavar="ACTION")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="A trigger of adf/trigger.")] = DEFAULT_TRIGGER,
    target: TargetName = "local",
    outputs: Outputs = None,
    as_json: Json = False,
) -> None:
    """Start or stop the schedule of a stack's pipeline, or show its state. Pulumi deploys it stopped."""
    stack = azure_target(target, outputs)
    from jobs.pipeline.trigger import start_trigger, stop_trigger, trigger_status

    actions = {
        TriggerAction.start: start_trigger,
        TriggerAction.stop: stop_trigger,
        TriggerAction.status: trigger_status,
    }
    terminal.print_result(actions[action](stack, name, stack_flags(target, outputs)), as_json)


def azure_target(name: str, outputs: Path | None) -> "Target":
    """A stack's target. Raises JobError for the local one, without starting its services."""
    if name == "local" and outputs is None:
        from jobs.pipeline.data_factory.client import no_factory_error

        raise no_factory_error()
    from jobs.target import load_target

    return load_target(name, outputs)


def stack_flags(name: str, outputs: Path | None) -> str:
    """The flags that name the same stack on another command line."""
    return f"--target {name}" if outputs is None else f'--outputs "{outputs}"'
