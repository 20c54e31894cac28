"""cost says what `private` would cost in place of public addresses, and nothing where the stack is private."""

from tests.azure_fakes.cloud import Cloud
from tests.azure_fakes.retail_prices import HOST, RetailPrices, price_row
from tests.jobs.cost.cost_cli import CostCli


def test_unknown_prices_are_named_and_no_amount_is_guessed(cost_cli: CostCli) -> None:
    (sentence,) = [each for each in cost_cli.cost()["facts"] if "`private`" in each]
    assert "every address of Azure may connect to the database" in sentence
    assert "6 private endpoints" in sentence and "price is unknown" in sentence and "USD" not in sentence
    assert sentence in cost_cli.screen()


def test_known_prices_are_summed_for_a_month(cost_cli: CostCli, cloud: Cloud) -> None:
    link = "Virtual Network Private Link"
    row = price_row("Virtual Network", link, "Standard Private Endpoint", 0.01, armRegionName="Global")
    cloud.services[HOST] = RetailPrices([row])
    total = cost_cli.cost()["total_usd_month"]
    found = cost_cli.cost("--refresh")
    (sentence,) = [each for each in found["facts"] if "`private`" in each]
    assert "43.80 USD a month more and 7 private DNS zones" in sentence  # 6 x 730 hours at 0.01
    assert found["total_usd_month"] == total, "the stack itself does not pay for it"


def test_a_rule_that_is_off_and_a_private_stack_are_not_claimed_open(cost_cli: CostCli) -> None:
    cost_cli.configure(allowAzureServices=False)
    assert "every address" not in cost_cli.screen() and "`private`" in cost_cli.screen()
    cost_cli.configure(private=True)
    assert not any("`private`" in each for each in cost_cli.cost()["facts"])
