"""Commands for Data Factory's pipeline: run it, list its runs, turn its schedule on and off."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from jobs import terminal
from jobs.commands.options import Json, Outputs, TargetName

if TYPE_CHECKING:
    from jobs.pipeline.run import PipelineResult
    from jobs.target import Target

app = typer.Typer()

PIPELINE, TRIGGER = "PL_Migrar_Datos_FER", "TR_Diario_FER"
KEPT_DAYS = 45  # Data Factory forgets runs after that


class Switch(StrEnum):
    start = "start"
    stop = "stop"
    status = "status"


def run_id_option(flag: str, text: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(flag, metavar="RUN_ID", help=text)
    return option


Follow: TypeAlias = Annotated[str | None, run_id_option("--follow", "Wait for a run that is there already.")]
Cancel: TypeAlias = Annotated[str | None, run_id_option("--cancel", "Cancel a run, and wait until it has ended.")]
FromFailure: TypeAlias = Annotated[
    str | None, run_id_option("--from-failure", "Run the activities of a run again that failed, and those after them.")
]


@app.command("run-pipeline", epilog="Example: python -m jobs run-pipeline PL_Migrar_Datos_FER -p prefijoRuta=raw/x/")
def run_pipeline(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help=f"A pipeline of adf/pipeline; {PIPELINE} if not given.")
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
    asked = {"--follow": follow, "--cancel": cancel, "--from-failure": from_failure}
    chosen = {flag: run_id for flag, run_id in asked.items() if run_id is not None}
    refuse_together(chosen, {"NAME": name, "-p": parameter})
    if chosen:
        result = there_already(*chosen.popitem(), target, outputs)
    else:
        from jobs.pipeline import run as job
        from jobs.target import load_target

        pairs = key_values(parameter or [])
        result = job.run_pipeline(load_target(target, outputs), name or PIPELINE, pairs, stack_options(target, outputs))
    terminal.print_result(result, as_json)
    return 0 if result.status == ("Succeeded" if cancel is None else "Cancelled") else 1


def refuse_together(chosen: dict[str, str], new: dict[str, object]) -> None:
    """Raise BadParameter where a run that is there is named together with what a new one takes, or with another."""
    if len(chosen) > 1:
        raise typer.BadParameter(f"{' and '.join(chosen)} exclude each other: give one of them")
    for word in (word for word, value in new.items() if chosen and value):
        raise typer.BadParameter(f"{word} is for a new run, and {next(iter(chosen))} for one that is there: give one")
    for flag, run_id in chosen.items():
        if not run_id.strip():
            raise typer.BadParameter("the run id is empty: `python -m jobs runs` lists them", param_hint=flag)


def key_values(given: list[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in given]
    if bad := [key for key, equals, _ in pairs if not (key and equals)]:
        raise typer.BadParameter(f"write KEY=VALUE, not {bad[0]!r}", param_hint="-p")
    return {key: value for key, _, value in pairs}


def there_already(flag: str, run_id: str, target: str, outputs: Path | None) -> "PipelineResult":
    """What becomes of a run that was started before."""
    stack = azure_target(target, outputs)
    from jobs.pipeline.data_factory.run import cancel_run, follow_run, rerun_from_failure
    from jobs.pipeline.run import to_result

    what = {"--follow": follow_run, "--cancel": cancel_run}.get(flag, rerun_from_failure)
    return to_result(what(stack, run_id, stack_options(target, outputs)))


@app.command(epilog="Example: python -m jobs runs --target dev --days 7")
def runs(
    days: Annotated[int, typer.Option(min=1, max=KEPT_DAYS, help="How far back.")] = 7,
    limit: Annotated[int, typer.Option(min=1, help="How many at most, the newest first.")] = 20,
    target: TargetName = "local",
    outputs: Outputs = None,
    as_json: Json = False,
) -> None:
    """List the pipeline runs of a stack's factory: when, how they ended, and who started them."""
    stack = azure_target(target, outputs)
    from jobs.pipeline.runs import list_runs

    terminal.print_result(list_runs(stack, days, limit), as_json)


@app.command(epilog="Example: python -m jobs trigger start --target dev")
def trigger(
    what: Annotated[Switch, typer.Argument()],
    name: Annotated[str, typer.Argument(metavar="NAME", help="A trigger of adf/trigger.")] = TRIGGER,
    target: TargetName = "local",
    outputs: Outputs = None,
    as_json: Json = False,
) -> None:
    """Start or stop the schedule of a stack's pipeline, or tell how it stands; Pulumi deploys it stopped."""
    stack = azure_target(target, outputs)
    from jobs.pipeline.trigger import start_trigger, stop_trigger, trigger_status

    turn = {Switch.start: start_trigger, Switch.stop: stop_trigger, Switch.status: trigger_status}[what]
    terminal.print_result(turn(stack, name, stack_options(target, outputs)), as_json)


def azure_target(name: str, outputs: Path | None) -> "Target":
    """A stack's target. Raises Failure for the laptop's, whose services need not start to say so."""
    if name == "local" and outputs is None:
        from jobs.pipeline.data_factory.client import no_factory_error

        raise no_factory_error()
    from jobs.target import load_target

    return load_target(name, outputs)


def stack_options(name: str, outputs: Path | None) -> str:
    """What names the same stack on another command line."""
    return f"--target {name}" if outputs is None else f'--outputs "{outputs}"'
