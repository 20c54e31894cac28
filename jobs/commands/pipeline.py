"""Commands for Data Factory's pipeline."""

from typing import Annotated

import typer

from jobs import terminal
from jobs.options import Json, Outputs, TargetName

app = typer.Typer()


@app.command("run-pipeline", epilog="Example: python -m jobs run-pipeline PL_Migrar_Datos_FER -p prefijoRuta=raw/x/")
def run_pipeline(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="A pipeline of adf/pipeline.")] = "PL_Migrar_Datos_FER",
    parameter: Annotated[
        list[str] | None, typer.Option("-p", metavar="KEY=VALUE", help="A pipeline parameter.")
    ] = None,
    target: TargetName = "local",
    outputs: Outputs = None,
    as_json: Json = False,
) -> int:
    """Run the Data Factory pipeline: the table to Parquet, the pictures from Blob to the lake."""
    from jobs import run_pipeline as job
    from jobs.target import load_target

    pairs = [text.partition("=") for text in parameter or []]
    if bad := [key for key, equals, _ in pairs if not (key and equals)]:
        raise typer.BadParameter(f"write KEY=VALUE, not {bad[0]!r}", param_hint="-p")
    result = job.run(load_target(target, outputs), name, {key: value for key, _, value in pairs})
    terminal.show(result, as_json)
    return 0 if result.status == "Succeeded" else 1
