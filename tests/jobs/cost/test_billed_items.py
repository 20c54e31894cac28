"""What a stack is said to use is what the program makes, counted in the units that Azure counts in."""

from pathlib import Path

import pytest

from jobs import configuration
from jobs.cost.billed_items import HOURS, billed_items
from jobs.cost.meters import Unit, parse_unit
from tests.infra.recorder import run_program
from tests.jobs.cost.cost_cli import Desk, sitting


@pytest.fixture
def desk(programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    return sitting(tmp_path, monkeypatch, capsys)


@pytest.mark.parametrize("search", ["none", "basic"])
def test_the_private_mode_is_counted_as_the_program_makes_it(desk: Desk, search: str) -> None:
    desk.configure(private=True, search=search)
    found = {each.resource: each.quantity for each in billed_items(configuration.read_configuration("ana"))}
    made = run_program({"private": True, "search": search})
    doors, zones = len(made.every("PrivateEndpoint")), len(made.every("PrivateZone"))
    managed = len(made.every("ManagedPrivateEndpoint"))
    assert found[f"{doors} private endpoints"] == doors * HOURS
    assert found[f"{zones} private DNS zones"] == zones
    assert found[f"{managed} managed private endpoints of Data Factory"] == managed * HOURS
    assert any("search service" in name for name in found) == (search == "basic")


def test_every_size_and_disk_is_the_one_that_the_program_makes() -> None:
    server = run_program().only("Server").inputs
    assert server["storage"]["storageSizeGB"] == 32
    assert server["sku"]["name"] == configuration.read_configuration("no-such-stack").postgres_sku


@pytest.mark.parametrize(
    ("text", "meant"),
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
def test_units_are_read_as_azure_writes_them(text: str, meant: Unit | None) -> None:
    assert parse_unit(text) == meant
