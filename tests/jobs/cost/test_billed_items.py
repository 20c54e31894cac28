"""The billed items of a stack are what the program creates, in Azure's units."""

import pytest

from jobs import configuration
from jobs.cost.billed_items import HOURS_PER_MONTH, billed_items
from jobs.cost.meters import Unit, parse_unit
from tests.infra.recorder import run_program
from tests.jobs.cost.cost_cli import CostCli


@pytest.mark.parametrize("search", ["none", "basic"])
def test_the_private_mode_is_counted_as_the_program_creates_it(cost_cli: CostCli, search: str) -> None:
    cost_cli.configure(private=True, search=search)
    quantities = {each.resource: each.quantity for each in billed_items(configuration.read_configuration("ana"))}
    program = run_program({"private": True, "search": search})
    endpoints, zones = len(program.every("PrivateEndpoint")), len(program.every("PrivateZone"))
    managed = len(program.every("ManagedPrivateEndpoint"))
    assert quantities[f"{endpoints} private endpoints"] == endpoints * HOURS_PER_MONTH
    assert quantities[f"{zones} private DNS zones"] == zones
    assert quantities[f"{managed} managed private endpoints of Data Factory"] == managed * HOURS_PER_MONTH
    assert any("search service" in name for name in quantities) == (search == "basic")


def test_size_and_disk_are_those_that_the_program_creates() -> None:
    server = run_program().only("Server").inputs
    assert server["storage"]["storageSizeGB"] == 32
    assert server["sku"]["name"] == configuration.read_configuration("no-such-stack").postgres_sku


@pytest.mark.parametrize(
    ("sku", "meter"), [("Standard_LRS", "Hot LRS Data Stored"), ("Standard_RAGRS", "Hot RA-GRS Data Stored")]
)
def test_both_accounts_are_billed_by_the_copies_of_the_setting(cost_cli: CostCli, sku: str, meter: str) -> None:
    cost_cli.configure(storageSku=sku)
    items = billed_items(configuration.read_configuration("ana"))
    assert [each.meter.meters for each in items if each.meter and each.meter.service == "Storage"] == [(meter,)] * 2


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("1 Hour", Unit(1, "hour")),
        ("730 Hours", Unit(730, "hour")),
        ("1 GB/Month", Unit(1, "gb/month")),
        ("1 GiB/Month", Unit(1, "gb/month")),
        ("1/Month", Unit(1, "month")),
        ("10K", Unit(10_000, "")),
        ("1M", Unit(1_000_000, "")),
        ("1 GB", Unit(1, "gb")),
        ("0 Hours", None),
        ("Hour", None),
    ],
)
def test_units_are_read_as_azure_writes_them(text: str, unit: Unit | None) -> None:
    assert parse_unit(text) == unit
