"""What the models of a stack cost: by kind of token, or by the hour where they are provisioned."""

import pytest

from jobs.cost.billed_items import HOURS_PER_MONTH
from tests.azure_fakes.cloud import Cloud
from tests.azure_fakes.retail_prices import HOST, RetailPrices, price_row
from tests.jobs.cost.cost_cli import CostCli


@pytest.fixture
def price_list(cloud: Cloud) -> RetailPrices:
    cloud.services[HOST] = RetailPrices([])
    return cloud.services[HOST]  # type: ignore[return-value]


def test_models_are_billed_by_kind_of_token_or_by_the_hour(cost_cli: CostCli, price_list: RetailPrices) -> None:
    entry = {"model": "gpt-5.4-mini", "version": "1", "sku": "GlobalStandard", "capacity": 1}
    ptu = {**entry, "alias": "ptu", "sku": "GlobalProvisionedManaged", "capacity": 15}
    cost_cli.configure(models=[{**entry, "alias": "chat"}, ptu, {**entry, "alias": "other", "model": "o9"}])
    price_list.rows.append(price_row("S", "Azure OpenAI GPT5", "5.4 mini Opt Gl 1M Tokens", 4.5, unitOfMeasure="1M"))
    found = cost_cli.cost("--refresh")
    rows = {
        each["resource"].partition(", ")[::2]: each for each in found["items"] if each["resource"].startswith("model")
    }
    chat, others = (
        "model chat (gpt-5.4-mini)",
        [("model ptu (gpt-5.4-mini)", "15 PTU"), ("model other (o9)", "by the token")],
    )
    assert list(rows) == [(chat, f"{kind} tokens") for kind in ("input", "cached input", "output")] + others
    assert (rows[chat, "output tokens"]["unit_price"], rows[chat, "output tokens"]["price_unit"]) == (4.5, "1M")
    assert rows[chat, "input tokens"]["note"] == "no meter of Azure's price list matches"
    assert rows[others[0]]["quantity"] == 15 * HOURS_PER_MONTH
    assert found["at_most_usd_month"] is None, "the price of provisioned units is unknown, and not bounded"
