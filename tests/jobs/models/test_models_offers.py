"""The offers in Azure's list of models: each once, with dates as Azure writes them."""

from datetime import date

import pytest

from jobs.models.offers import parse_day, parse_offers
from tests.azure_fakes.cognitive_services import model


def test_a_model_that_is_listed_for_two_kinds_is_one_offer() -> None:
    twice = [{**model("gpt-5.1", "1"), "kind": kind} for kind in ("OpenAI", "AIServices", "MaaS")]
    assert len(parse_offers(twice, [])) == 1


def test_a_listed_model_without_a_sku_is_listed() -> None:
    (offer,) = parse_offers([model("gpt-5.1.ft-7", "1", skus=[], deprecation={"inference": "2027-01-01"})], [])
    assert (offer.sku, offer.is_deployable(date(2026, 1, 1)), str(offer.model_retires)) == ("", True, "2027-01-01")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-10-01T00:00:00Z", "2026-10-01"),
        ("2025-06-30T09:00:00+09:00", "2025-06-30"),
        ("2026-10-01", "2026-10-01"),
        ("9999-12-31T23:59:59Z", "None"),
        ("soon", "None"),
        (None, "None"),
    ],
)
def test_a_date_is_read_as_azure_writes_it(text: str | None, day: str) -> None:
    assert str(parse_day(text)) == day
