"""cost: what a month costs at least and at most, where a price is unknown."""

from typing import Any

import pytest

from tests.jobs.cost.cost_cli import CostCli


def test_a_price_that_is_unknown_is_bounded_by_the_next_larger_server(cost_cli: CostCli) -> None:
    found = cost_cli.cost()
    assert (found["total_usd_month"], found["at_most_usd_month"]) == (4.38, 33.43)
    server = cost_cli.line("Standard_B1ms")
    assert (server["usd_month"], server["at_most_usd_month"]) == (None, 29.05)
    assert "less than B2s (Azure portal, estimated cost of a new server, 2025-12-03)" in server["note"]


@pytest.mark.parametrize(
    "settings",
    [{"databaseLocation": "spaincentral"}, {"postgresSku": "Standard_B2ms"}, {"private": True}, {"search": "basic"}],
    ids=str,
)
def test_where_a_fixed_charge_has_no_bound_the_total_is_a_least_one(
    cost_cli: CostCli, settings: dict[str, Any]
) -> None:
    cost_cli.configure(**settings)
    assert cost_cli.cost()["at_most_usd_month"] is None
    assert f"Total: at least {cost_cli.cost()['total_usd_month']:.2f} USD a month" in cost_cli.screen()
