"""The chat page with a stack's model: where the text goes, what it costs, and that its text is only text."""

import re
from collections.abc import Iterator

import pytest

from jobs.cost.prices import Price, refreshed_file, save_prices
from jobs.cost.tokens import token_meters
from tests.azure_fakes.openai_models import Models
from tests.azure_fakes.openai_replies import Say
from tests.jobs.app.played_stack import MODELS, PlayedStack

METERS = token_meters("swedencentral", "gpt-5.4-mini", "GlobalStandard")
USD = {"Inp": 0.75, "cd Inp": 0.075, "Opt": 4.5}
MARKUP = "<script>alert(1)</script> ![x](http://evil.example/x.png) <a href='http://evil.example'>y</a>"


@pytest.fixture
def models(played_stack: PlayedStack) -> Iterator[Models]:
    """The model of the stack. Its prices are known: the other tests share the folder of the services, and know none."""
    played_stack.cloud.services[MODELS] = fake = Models()
    save_prices(Price(METERS[kind].key, usd, "1M", "list", "2026-11-25") for kind, usd in USD.items())
    yield fake
    refreshed_file().unlink()


def test_the_host_and_the_price_are_said_and_markup_is_text(played_stack: PlayedStack, models: Models) -> None:
    models.replies += [Say(MARKUP), Say("ok")]
    with played_stack.chatting() as served:
        assert f"are sent to {MODELS}" in served.get("/chat").text
        text = served.post("/chat", {"question": "x"}).text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text and not re.search(r"<script>|evil.example[^<]*\">", text)
        assert "USD (prices of 2026-11-25)" in text
        served.post("/chat", {"question": "again"})
        assert "x" in str(models.bodies[1]) and MARKUP[:8] in str(models.bodies[1])  # the first question goes along
        assert "marker-token-of-the-tests" not in served.get("/chat").text


def test_a_limit_and_a_refusal_are_sentences_on_a_page_that_lives(played_stack: PlayedStack, models: Models) -> None:
    with played_stack.chatting(max_usd=0.0001) as served:
        assert "may cost" in served.post("/chat", {"question": "x"}).text and models.bodies == []
        answer = served.post("/chat", {"question": "y", "stream": "yes"})
        assert answer.status_code == 200 and "may cost" in served.get("/chat").text


def test_a_model_that_is_not_there_is_said(played_stack: PlayedStack) -> None:
    with played_stack.chatting() as served:
        text = served.post("/chat", {"question": "x"}).text
        assert 'class="note error"' in text and "Traceback" not in text
        assert served.get("/search?id=5").status_code == 200
