"""The commands `models list` and `models preflight`."""

from typing import Annotated

import typer

from jobs import terminal
from jobs.commands.options import Json

app = typer.Typer()
models = typer.Typer(no_args_is_help=True)
app.add_typer(
    models,
    name="models",
    help="List a region's models, and check whether the stack's can be deployed.",
    epilog="Example: python -m jobs models preflight --target dev",
)
Stack = Annotated[str, typer.Option("--target", metavar="STACK", help="The stack whose settings are read.")]


@models.command("list", epilog="Example: python -m jobs models list --region swedencentral")
def list_models(
    target: Stack = "dev",
    region: Annotated[str | None, typer.Option(metavar="REGION", help="Another region than the stack's.")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Include retired models and every kind of deployment.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List the models that can be deployed, those that the quota has room for first."""
    from jobs import configuration
    from jobs.models.listing import list_models

    terminal.print_result(list_models(configuration.read_configuration(target), region, everything), as_json)


@models.command(epilog="Example: python -m jobs models preflight --target dev")
def preflight(target: Stack = "dev", as_json: Json = False) -> int:
    """Check that the stack's models are not retired and fit the quota; exit 1 and a replacement where one is not."""
    from jobs import configuration
    from jobs.models.preflight import check_models

    result = check_models(configuration.read_configuration(target))
    terminal.print_result(result, as_json)
    return 0 if result.ok else 1
