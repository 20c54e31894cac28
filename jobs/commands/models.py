"""Commands about the models that Azure offers."""

from typing import Annotated

import typer

from jobs import terminal
from jobs.commands.options import Json

app = typer.Typer()
models = typer.Typer(no_args_is_help=True)
app.add_typer(
    models,
    name="models",
    help="The models of a region, and whether the stack's can be deployed.",
    epilog="Example: python -m jobs models preflight --target dev",
)
Stack = Annotated[str, typer.Option("--target", metavar="STACK", help="The stack whose settings are read.")]


@models.command("list", epilog="Example: python -m jobs models list --region swedencentral")
def list_models(
    target: Stack = "dev",
    region: Annotated[str | None, typer.Option(metavar="REGION", help="Another region than the stack's.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Retired ones and every kind of deployment too.")] = False,
    as_json: Json = False,
) -> None:
    """The models that can be deployed, those that the quota has room for first."""
    from jobs import configuration
    from jobs.models.listing import list_models

    terminal.print_result(list_models(configuration.read_configuration(target), region, everything), as_json)


@models.command(epilog="Example: python -m jobs models preflight --target dev")
def preflight(target: Stack = "dev", as_json: Json = False) -> int:
    """Whether the stack's models live and fit the quota; exit 1 and a replacement where one does not."""
    from jobs import configuration
    from jobs.models.preflight import check_models

    result = check_models(configuration.read_configuration(target))
    terminal.print_result(result, as_json)
    return 0 if result.ok else 1
