"""cost of machine learning: the registry all month, machines by the hour; what the list lacks is said to be unknown."""

from datetime import UTC, datetime
from typing import Any

import pytest

from jobs.cost import prices
from jobs.cost.hourly import hourly_price
from tests.azure_fakes.cloud import Cloud, Request, Response
from tests.azure_fakes.retail_prices import HOST, RetailPrices, price_row
from tests.jobs.cost.cost_cli import CostCli

MACHINES, DSV2 = "Virtual Machines", "Virtual Machines DSv2 Series"


def machine_row(size: str, price: float, **more: Any) -> dict[str, Any]:
    """A row of the list for a size such as DS3_v2, as Azure names them."""
    label = size.replace("_", " ")
    row = price_row(MACHINES, DSV2, f"D{size[2]} v2/{label}", price, armSkuName=f"Standard_{size}", skuName=label)
    return row | more


@pytest.fixture
def price_list(cloud: Cloud) -> RetailPrices:
    """The registry, two sizes, and what the list has beside them: Windows, spot and low priority."""
    ds3 = {"armSkuName": "Standard_DS3_v2"}
    rows = [
        price_row("Container Registry", "Container Registry", "Basic Registry Unit", 0.1666, unitOfMeasure="1/Day"),
        machine_row("DS3_v2", 0.29),
        machine_row("DS2_v2", 0.15),
        machine_row("DS3_v2", 0.5, productName=f"{DSV2} Windows"),
        machine_row("DS3_v2", 0.05, meterName="D3 v2/DS3 v2 Spot", skuName="DS3 v2 Spot", **ds3),
        machine_row("DS3_v2", 0.06, meterName="D3 v2/DS3 v2 Low Priority", skuName="DS3 v2 Low Priority", **ds3),
    ]
    cloud.services[HOST] = played = RetailPrices(rows)
    return played


def test_by_default_nothing_of_it_is_billed(cost_cli: CostCli) -> None:
    assert not [each for each in cost_cli.cost()["items"] if "registry" in each["resource"]]


def test_the_registry_is_billed_all_month_and_machines_by_the_hour(cost_cli: CostCli, price_list: RetailPrices) -> None:
    cost_cli.configure(machineLearning=True, nameSuffix="ana")
    registry = cost_cli.line("container registry crferana", "--refresh")
    assert (registry["quantity"], registry["unit"], registry["usd_month"]) == (30, "day", 5.0)
    cluster, endpoint = cost_cli.line("cluster Standard_DS3_v2"), cost_cli.line("endpoint Standard_DS2_v2")
    assert (cluster["unit_price"], cluster["quantity"], cluster["usd_month"]) == (0.29, None, None)
    assert endpoint["unit_price"] == 0.15
    assert "30 days" in cost_cli.screen()


def test_low_priority_has_a_price_of_its_own(cost_cli: CostCli, price_list: RetailPrices) -> None:
    cost_cli.configure(machineLearning=True, mlPriority="LowPriority")
    assert cost_cli.line("cluster", "--refresh")["unit_price"] == 0.06


def test_a_price_that_the_list_lacks_is_unknown(cost_cli: CostCli, price_list: RetailPrices) -> None:
    cost_cli.configure(machineLearning=True, mlComputeSize="Standard_NC24ads_A100_v4")
    cluster = cost_cli.line("cluster Standard_NC24ads_A100_v4", "--refresh")
    assert cluster["unit_price"] is None and cluster["note"] == "no meter of Azure's price list matches"


def test_two_prices_for_one_size_are_no_price(cost_cli: CostCli, price_list: RetailPrices) -> None:
    price_list.rows.append(machine_row("DS3_v2", 0.31, productName=f"{DSV2} Promo"))
    assert hourly_price("Standard_DS3_v2", "swedencentral") is None


def test_the_price_of_an_hour_is_read_once_a_day(cost_cli: CostCli, cloud: Cloud, price_list: RetailPrices) -> None:
    assert hourly_price("Standard_DS3_v2", "swedencentral") == 0.29
    asked = len(cloud.requests)
    assert hourly_price("Standard_DS3_v2", "swedencentral") == 0.29
    assert len(cloud.requests) == asked
    assert hourly_price("Standard_DS3_v2", "swedencentral", low_priority=True) == 0.06


def test_without_an_answer_an_older_price_counts_and_none_is_invented(
    cost_cli: CostCli, cloud: Cloud, price_list: RetailPrices
) -> None:
    assert hourly_price("Standard_DS3_v2", "swedencentral") == 0.29
    (saved,) = prices.read_prices(prices.refreshed_file())
    prices.save_prices([prices.Price(**{**vars(saved), "date": "2026-01-01"})])
    cloud.services[HOST] = refuse
    assert hourly_price("Standard_DS3_v2", "swedencentral") == 0.29
    assert hourly_price("Standard_DS2_v2", "swedencentral") is None
    assert saved.date == datetime.now(UTC).date().isoformat()


def refuse(request: Request) -> Response:
    return Response(400, {"Error": {"Message": "Invalid request."}})
