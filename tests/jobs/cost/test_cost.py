"""cost: the configured stack by Azure's price list, with unknown prices and errors."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from jobs.cost import prices
from jobs.cost.billed_items import HOURS_PER_MONTH
from jobs.entry import main
from tests.azure_fakes.cloud import Cloud, Response
from tests.azure_fakes.retail_prices import HOST, POSTGRES, RetailPrices, price_row
from tests.fake_programs import FakeProgram
from tests.jobs.cost.cost_cli import CostCli

BURSTABLE = f"{POSTGRES} Flexible Server Burstable BS Series Compute"
STORAGE = "Az DB for PostgreSQL Flexible Server Storage"
ORIGINAL = {"postgresSku": "Standard_B2s"}  # the original system's server, in Sweden Central


@pytest.fixture
def price_list(cloud: Cloud) -> RetailPrices:
    played = RetailPrices([price_row(POSTGRES, STORAGE, "Storage Data Stored", 0.1369, unitOfMeasure="1 GB/Month")])
    cloud.services[HOST] = played
    return played


def test_the_original_server_costs_what_its_author_saw(cost_cli: CostCli) -> None:
    cost_cli.configure(**ORIGINAL)
    found = cost_cli.cost()
    known = {each["resource"]: each["usd_month"] for each in found["items"] if each["usd_month"] is not None}
    assert list(known.values()) == [29.05, 4.38]
    assert found["total_usd_month"] == 33.43
    assert all(each["date"] == "2025-12-03" for each in found["items"] if each["unit_price"] is not None)
    assert found["at_most_usd_month"] == 33.43
    total = f"Total: 33.43 USD a month, and what is billed by use; {found['unknown']} prices are unknown: `--refresh`"
    assert total in cost_cli.screen()


def test_no_other_price_is_shipped() -> None:
    shipped = prices.read_prices(prices.SHIPPED)
    assert [each.usd for each in shipped] == [29.05, 4.38]
    assert all(each.source and date.fromisoformat(each.date) for each in shipped)


def test_without_the_list_the_default_server_has_no_price_and_the_free_offer_is_shown(cost_cli: CostCli) -> None:
    found = cost_cli.line("Standard_B1ms")
    assert (found["unit_price"], found["usd_month"], found["source"]) == (None, None, None)
    screen = cost_cli.screen()
    assert "unknown" in next(line for line in screen.splitlines() if "Standard_B1ms in" in line)
    assert "Total: between 4.38 and 33.43 USD a month, and what is billed by use" in screen
    assert "750 hours of Standard_B1ms" in screen
    cost_cli.configure(**ORIGINAL)
    assert "750 hours" not in cost_cli.screen()


def test_a_stack_without_a_file_has_all_defaults(cost_cli: CostCli) -> None:
    (cost_cli.project / "Pulumi.ana.yaml").unlink()
    assert cost_cli.cost()["configured"] is False
    assert "all defaults" in cost_cli.screen()


def test_the_list_is_queried_by_exact_filters_and_without_a_login(
    cost_cli: CostCli, cloud: Cloud, price_list: RetailPrices, az: FakeProgram
) -> None:
    cost_cli.cost("--refresh")
    (asked,) = [each.query["$filter"] for each in cloud.requests if "B1ms" in each.query.get("$filter", "")]
    assert asked == (
        "serviceName eq 'Azure Database for PostgreSQL' and armRegionName eq 'swedencentral' and priceType eq "
        "'Consumption' and (meterName eq 'B1ms' or meterName eq 'B1MS' or meterName eq 'B1ms vCore')"
    )
    assert {each.host for each in cloud.requests} == {HOST}
    assert not any("get-access-token" in call for call in az.calls())


def test_the_one_meter_that_matches_is_chosen_from_all_pages(cost_cli: CostCli, price_list: RetailPrices) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    price_list.rows += [
        price_row(POSTGRES, f"{POSTGRES} Single Server Basic", "B1MS", 1.0),
        price_row(POSTGRES, BURSTABLE, "B1MS", 2.0, armRegionName="westeurope"),
        price_row(POSTGRES, BURSTABLE, "B1MS", 3.0, type="Reservation", reservationTerm="1 Year"),
        price_row(POSTGRES, BURSTABLE, "B1MS", 4.0, currencyCode="EUR"),
        price_row(POSTGRES, BURSTABLE, "B1MS", 5.0, unitOfMeasure="1/Month"),
        price_row(POSTGRES, BURSTABLE, "B1MS", 6.0, effectiveStartDate=tomorrow),
        price_row(POSTGRES, BURSTABLE, "B2S", 7.0),
        price_row(POSTGRES, BURSTABLE.replace(" Burstable", "\u00a0Burstable"), "B1MS", 0.02),
    ]
    found = cost_cli.line("Standard_B1ms", "--refresh")
    assert (found["unit_price"], found["price_unit"], found["usd_month"]) == (0.02, "1 Hour", 14.6)
    assert (found["source"], found["date"]) == (f"https://{HOST}/api/retail/prices", today().isoformat())


def test_a_refreshed_price_is_kept_and_wins_over_the_older_one(
    cost_cli: CostCli, cloud: Cloud, price_list: RetailPrices
) -> None:
    cost_cli.configure(**ORIGINAL)
    price_list.rows.append(price_row(POSTGRES, BURSTABLE, "B2S", 0.05))
    cost_cli.cost("--refresh")
    cloud.services.clear()
    assert cost_cli.line("Standard_B2s")["usd_month"] == 36.5
    assert json.loads(prices.SHIPPED.read_text(encoding="utf-8"))[0]["usd"] == 29.05


def test_prices_of_another_stack_are_kept(cost_cli: CostCli, cloud: Cloud, price_list: RetailPrices) -> None:
    price_list.rows += [price_row(POSTGRES, BURSTABLE, "B1MS", 0.02), price_row(POSTGRES, BURSTABLE, "B2S", 0.05)]
    cost_cli.cost("--refresh")
    cost_cli.configure(**ORIGINAL)
    cost_cli.cost("--refresh")
    cloud.services.clear()
    cost_cli.configure()
    assert cost_cli.line("Standard_B1ms")["unit_price"] == 0.02


def test_the_hours_of_a_month_are_those_of_azures_calculator(cost_cli: CostCli, price_list: RetailPrices) -> None:
    cost_cli.configure(**ORIGINAL)
    price_list.rows.append(price_row(POSTGRES, BURSTABLE, "B2S", 0.0398))
    found = cost_cli.cost("--refresh")
    assert found["total_usd_month"] == 33.43
    assert [each["usd_month"] for each in found["items"][:2]] == [29.05, 4.38]


def test_several_matching_meters_leave_the_price_unknown(cost_cli: CostCli, price_list: RetailPrices) -> None:
    price_list.rows += [
        price_row(POSTGRES, BURSTABLE, "B1MS", 0.02),
        price_row(POSTGRES, BURSTABLE, "B1ms vCore", 0.03),
    ]
    found = cost_cli.line("Standard_B1ms", "--refresh")
    assert found["unit_price"] is None
    assert found["note"].startswith("2 meters of Azure's price list match; less than B2s")
    price_list.rows[-1]["retailPrice"] = 0.02  # the same price twice is one
    assert cost_cli.line("Standard_B1ms", "--refresh")["unit_price"] == 0.02


def test_a_free_first_tier_is_shown_with_the_price_after_it(cost_cli: CostCli, price_list: RetailPrices) -> None:
    cost_cli.configure(diagnostics=True)
    logs = ("Log Analytics", "Log Analytics", "Analytics Logs Data Ingestion")
    price_list.rows += [
        price_row(*logs, 0.0, unitOfMeasure="1 GB"),
        price_row(*logs, 2.5, unitOfMeasure="1 GB", tierMinimumUnits=5.0),
        price_row(*logs, 2.0, unitOfMeasure="1 GB", tierMinimumUnits=100.0),
    ]
    found = cost_cli.line("Log Analytics", "--refresh")
    assert (found["unit_price"], found["quantity"], found["usd_month"]) == (2.5, None, None)
    assert found["note"] == "the first 5 free"


def test_larger_sizes_are_priced_by_the_vcore(cost_cli: CostCli, price_list: RetailPrices) -> None:
    cost_cli.configure(postgresSku="Standard_D4ds_v5")
    product = f"{POSTGRES} Flexible Server General Purpose Ddsv5 Series Compute"
    price_list.rows.append(price_row(POSTGRES, product, "vCore", 0.1))
    found = cost_cli.line("Standard_D4ds_v5", "--refresh")
    assert (found["quantity"], found["usd_month"]) == (4 * HOURS_PER_MONTH, 292.0)


@pytest.mark.parametrize(
    "answer",
    [
        Response(400, {"Error": {"Message": "No."}}),
        Response(200, {"Items": []}, cut=5),
        Response(200, b"<html>"),
        Response(200, b"<html>Log in to the library's network", {"Content-Type": "text/html"}),
        Response(200, []),
    ],
)
def test_a_list_that_does_not_answer_is_an_error(cost_cli: CostCli, cloud: Cloud, answer: Response) -> None:
    cloud.services[HOST] = lambda request: answer
    assert "price list does not answer" in cost_cli.cost("--refresh")["error"]


def test_a_next_page_on_another_host_is_not_requested(cost_cli: CostCli, cloud: Cloud) -> None:
    cloud.services[HOST] = lambda request: Response(200, {"Items": [], "NextPageLink": "https://elsewhere.test/prices"})
    cloud.services["elsewhere.test"] = lambda request: Response(200, {"Items": []})
    assert "elsewhere.test" in cost_cli.cost("--refresh")["error"]
    assert {each.host for each in cloud.requests} == {HOST}


def test_an_invalid_file_of_prices_is_an_error(cost_cli: CostCli) -> None:
    cost_cli.cost()
    prices.refreshed_file().write_text("{", encoding="utf-8")
    assert "prices.json holds no prices" in cost_cli.cost()["error"]


def test_the_laptop_costs_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost", "--target", "local"]) == 1
    assert "costs nothing" in capsys.readouterr().err


def today() -> date:
    return datetime.now(UTC).date()
