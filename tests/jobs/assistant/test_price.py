"""Tokens and money: Azure's prices as they were read, unknown before, and a limit that stops before it is passed."""

import json
from pathlib import Path
from typing import Any

import pytest

from jobs.cost.prices import Price, save_prices
from jobs.cost.retail import choose_price
from jobs.cost.tokens import model_items, price_tokens, token_meters
from jobs.entry import main
from tests.azure_fakes.openai_models import Models
from tests.azure_fakes.openai_replies import Say
from tests.azure_fakes.retail_prices import price_row

REGION = "swedencentral"
METERS = token_meters(REGION, "gpt-5.4-mini", "GlobalStandard")
USD = {"Inp": 0.75, "cd Inp": 0.075, "Opt": 4.5}


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOBS_LOCAL", str(tmp_path / "state"))


def save(date: str = "2026-11-25") -> None:
    save_prices(Price(METERS[kind].key, usd, "1M", "list", date) for kind, usd in USD.items())


def ask(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> dict[str, Any]:
    assert main(["chat", "ask", "x", *words, "--json"]) == status
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    return result


def test_an_answer_says_what_it_cost_once_prices_are_known(
    models: Models, model_options: list[str], state: None, capsys: pytest.CaptureFixture[str]
) -> None:
    models.replies += [Say("a"), Say("b")]
    assert (ask(capsys, *model_options)["usd"], len(models.bodies)) == (None, 1)
    save()
    result = ask(capsys, *model_options)
    assert result["usd"] == pytest.approx((60 * 0.75 + 40 * 0.075 + 10 * 4.5) / 1e6)
    assert result["price_date"] == "2026-11-25"


def test_a_limit_stops_before_the_call_that_would_pass_it(
    models: Models, model_options: list[str], state: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "cost --refresh" in ask(capsys, "--max-usd", "1", *model_options, status=1)["error"]
    save()
    assert "may cost" in ask(capsys, "--max-usd", "0.0001", *model_options, status=1)["error"]
    assert models.bodies == []
    models.replies.append(Say("a"))
    assert ask(capsys, "--max-usd", "0.1", *model_options)["answer"] == "a"


def test_an_evaluation_stops_before_the_call_that_would_pass_the_limit(
    models: Models, model_options: list[str], state: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save()
    cases = [{"id": str(number), "question": "x", "contains": ["a"]} for number in range(3)]
    (tmp_path / "cases.jsonl").write_text("\n".join(map(json.dumps, cases)))
    models.replies += [Say("a")] * 3
    words = ["chat", "evaluate", str(tmp_path / "cases.jsonl"), "--max-usd", "0.00455", *model_options, "--json"]
    assert main(words) == 1
    assert ("may cost" in json.loads(capsys.readouterr().out)["error"], len(models.bodies)) == (True, 1)


def test_names_of_meters_are_those_of_the_list() -> None:
    assert METERS["cd Inp"].meters[0] == "5.4 mini cd Inp Gl 1M Tokens"
    assert token_meters(REGION, "gpt-5.4-mini", "GlobalBatch")["Inp"].meters[0] == "5.4 mini Batch Inp Gl 1M Tokens"
    assert (
        "5.6 luna ShortCo Inp Std Gl 1M Tokens" in token_meters(REGION, "gpt-5.6-luna", "GlobalStandard")["Inp"].meters
    )
    assert token_meters(REGION, "some-model", "GlobalStandard") == {}
    assert token_meters(REGION, "gpt-5.4-mini", "Standard") == {}
    assert token_meters(REGION, "gpt-5.4-mini", "GlobalProvisionedManaged") == {}, "by the hour, not by the token"


def test_of_several_prices_of_a_meter_the_newest_that_has_begun_counts() -> None:
    from datetime import UTC, datetime

    (item, *_) = model_items(REGION, [{"model": "gpt-5.4-mini", "sku": "GlobalStandard"}])
    assert item.meter
    rows = [
        price_row("S", "Azure OpenAI GPT5", item.meter.meters[0], usd, unitOfMeasure="1M", effectiveStartDate=start)
        for usd, start in [(1.0, "2026-01-01T00:00:00Z"), (0.2, "2026-10-03T00:00:00Z"), (9.0, "2027-01-01T00:00:00Z")]
    ]
    price = choose_price(iter(rows), item.meter, "", datetime(2026, 11, 25, tzinfo=UTC))
    assert isinstance(price, Price) and price.usd == 0.2
    assert price_tokens({"Inp": item.meter}, {"Inp": 5_000_000}, {price.key: price})[0] == pytest.approx(1.0)
