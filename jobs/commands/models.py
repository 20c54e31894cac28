"""The commands about models that only read: `list`, `preflight`, `report`, `regions`, `show`, `explain`."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jobs import terminal
from jobs.commands.model_options import Account, Group, Stack, Subscription, write, write_json
from jobs.commands.options import Json, Outputs
from jobs.models.choice import Choice

if TYPE_CHECKING:
    from jobs.models.report import Report

app = typer.Typer()
models = typer.Typer(no_args_is_help=True)
app.add_typer(
    models,
    name="models",
    help="The life of model deployments: what is offered, what stops and when, upgrades and migrations.",
    epilog="Example: python -m jobs models report --target dev --fail-on 90",
)


class Format(StrEnum):
    table = "table"
    json = "json"
    csv = "csv"
    ics = "ics"
    junit = "junit"
    github = "github"


@models.command("list", epilog="Example: python -m jobs models list --region swedencentral --capability embeddings")
def list_models(
    target: Stack = "dev",
    region: Annotated[str | None, typer.Option(metavar="REGION", help="Another region than the stack's.")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Include retired models and every kind of deployment.")
    ] = False,
    capability: Annotated[
        str | None, typer.Option("--capability", metavar="C", help="Only with it, such as chatCompletion or fineTune.")
    ] = None,
    expiring: Annotated[
        int | None, typer.Option("--expiring", metavar="DAYS", min=1, help="Only those that retire within DAYS.")
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", metavar="M", help="Only this model, every version and SKU of it.")
    ] = None,
    account: Account = None,
    group: Group = None,
    subscription: Subscription = None,
    as_json: Json = False,
) -> None:
    """List the models that can be deployed, those that the quota has room for first."""
    from jobs.models.listing import Filter, list_models

    choice = Choice(target, account, group, subscription)
    terminal.print_result(list_models(choice, region, Filter(everything, capability, expiring, model)), as_json)


@models.command(epilog="Example: python -m jobs models preflight --target dev")
def preflight(target: Stack = "dev", as_json: Json = False) -> int:
    """Check that the stack's models are not retired and fit the quota; exit 3, 4 or 5 where one cannot be deployed."""
    from jobs import configuration
    from jobs.models.preflight import check_models

    result = check_models(configuration.read_configuration(target))
    terminal.print_result(result, as_json)
    return result.status


@models.command(epilog="Example: python -m jobs models report --account ai-shop --resource-group rg-shop --fail-on 120")
def report(
    target: Stack = "dev",
    account: Account = None,
    group: Group = None,
    subscription: Subscription = None,
    everywhere: Annotated[bool, typer.Option("--everywhere", help="Every account of the subscription.")] = False,
    form: Annotated[Format, typer.Option("--format", metavar="table|json|csv|ics|junit|github")] = Format.table,
    to: Annotated[Path | None, typer.Option("--to", metavar="FILE", help="Write it to a file.")] = None,
    within: Annotated[
        int | None, typer.Option("--within", metavar="DAYS", min=0, help="Show only what retires or acts within DAYS.")
    ] = None,
    fail_on: Annotated[
        int | None, typer.Option("--fail-on", metavar="DAYS", min=0, help="Exit 4 if one does so, or is retired.")
    ] = None,
    snapshot: Annotated[
        Path | None, typer.Option("--snapshot", metavar="FILE", help="What the last report saw. Default: in .local/.")
    ] = None,
    as_json: Json = False,
) -> int:
    """Say which deployments stop or are changed, on which day, what replaces them, and which dates Azure moved."""
    from jobs.models.exits import RetiredError
    from jobs.models.report import make_report
    from jobs.models.report import within as only_within

    found = make_report(Choice(target, account, group, subscription), everywhere, fail_on, snapshot)
    shown = found.report if within is None else only_within(found.report, within)
    write(formatted(shown, Format.json if as_json else form), to)
    found.keep()
    return RetiredError.status if found.report.failing else 0


@models.command(epilog="Example: python -m jobs models show chat --target dev")
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The name of the deployment.")],
    target: Stack = "dev",
    account: Account = None,
    group: Group = None,
    subscription: Subscription = None,
    as_json: Json = False,
) -> None:
    """Show everything that Azure says about a deployment, and what happens to it on its model's day."""
    from jobs.models.show import show_deployment

    shown = show_deployment(Choice(target, account, group, subscription), name)
    if as_json:
        write_json(shown.object())
    else:
        terminal.print_result(shown, as_json=False)


@models.command(
    epilog="Example: python -m jobs models regions gpt-5.6-luna@2026-07-09 --sku GlobalStandard --capacity 50"
)
def regions(
    model: Annotated[str, typer.Argument(metavar="MODEL@VERSION")],
    sku: Annotated[str | None, typer.Option("--sku", metavar="S", help="Only this SKU.")] = None,
    capacity: Annotated[int, typer.Option("--capacity", metavar="N", min=1, help="How much has to fit.")] = 1,
    form: Annotated[str, typer.Option("--model-format", metavar="FORMAT")] = "OpenAI",
    target: Stack = "dev",
    account: Account = None,
    group: Group = None,
    subscription: Subscription = None,
    as_json: Json = False,
) -> int:
    """Show in which regions a model can be deployed, by the room; exit 3 where it fits in none, 5 without one."""
    from jobs.models.regions import find_regions
    from jobs.models.target_model import parse_target

    choice = Choice(target, account, group, subscription)
    result = find_regions(choice, parse_target(model), sku, capacity, form)
    terminal.print_result(result, as_json)
    return result.status


@models.command(epilog="Example: python -m jobs models explain error.txt")
def explain(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Azure's error, as pasted; - reads it from stdin.")],
    target: Stack = "dev",
    outputs: Outputs = None,
    as_json: Json = False,
) -> None:
    """Say in a sentence what an error of Azure about models means, and what to change. Needs no login."""
    from jobs import configuration
    from jobs.models.explain import explain_error, read_error
    from jobs.target import load_target

    text = sys.stdin.read() if str(file) == "-" else read_error(file)
    subscription = load_target(target, outputs).subscription_id if outputs else ""
    terminal.print_result(explain_error(text, configuration.read_configuration(target), subscription), as_json)


def formatted(report: "Report", form: Format) -> str:
    """The report in a format. Each needs a package of its own, which is imported only then."""
    import json

    if form == Format.json:
        return json.dumps(report.document()) + "\n"
    if form == Format.csv:
        from jobs.models.formats.csv import to_csv as to_text
    elif form == Format.ics:
        from jobs.models.formats.calendar import to_calendar as to_text
    elif form == Format.junit:
        from jobs.models.formats.junit import to_junit as to_text
    elif form == Format.github:
        from jobs.models.formats.github import to_github as to_text
    else:
        from jobs.models.formats.table import to_table as to_text
    return to_text(report)
