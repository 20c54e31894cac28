"""agent chat: the answer as it comes, what it costs, and a stream that breaks."""

from pathlib import Path

import pytest

from jobs.cost.prices import Price, save_prices
from jobs.cost.tokens import token_meters
from jobs.entry import main
from tests.azure_fakes.cloud import Cloud
from tests.azure_fakes.foundry_agents import FoundryAgents
from tests.azure_fakes.openai_replies import Say
from tests.jobs.agent.agents import WEATHER, agent


@pytest.mark.parametrize("streams", [True, False])
def test_an_answer_is_shown_as_it_comes_and_says_its_price(
    foundry: FoundryAgents,
    cloud: Cloud,
    streams: bool,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("JOBS_LOCAL", str(tmp_path / "state"))
    foundry.streams = streams
    meters = token_meters("swedencentral", "gpt-5.4-mini", "GlobalStandard")
    save_prices(
        Price(each.key, usd, "1M", "list", "2026-11-25") for each, usd in zip(meters.values(), (1, 2, 3), strict=True)
    )
    agent(capsys, "create", "tutor", "--file", "agent.yaml")
    parts: list[str] = []
    monkeypatch.setattr("jobs.terminal.write_part", parts.append)
    foundry.replies += [Say("Let me \x1b[31mlook.", calls=(WEATHER,)), Say("It is 15 degrees.")]
    assert main(["agent", "chat", "tutor", "Weather?", "--outputs", "outputs.json"]) == 0
    assert [body["stream"] for body in cloud.bodies("POST", "/responses")] == [True, True]
    text = "".join(parts)
    assert text.startswith("Let me look.\nIt is 15 degrees.\n  get_weather(")
    assert (len(parts) > 8) == streams
    usd = 2 * (60 * 1 + 40 * 2 + 10 * 3) / 1e6
    assert f"200 tokens in, 20 out, {usd:.6f} USD (prices of 2026-11-25)" in text
    foundry.replies.append(Say("ok"))
    result = agent(capsys, "chat", "tutor", "x")
    assert (result["answer"], result["usd"]) == ("ok", pytest.approx(usd / 2))


def test_an_answer_that_breaks_off_is_one_sentence(foundry: FoundryAgents, capsys: pytest.CaptureFixture[str]) -> None:
    agent(capsys, "create", "tutor", "--file", "agent.yaml")
    foundry.replies.append(Say("It is 15 degrees.", cut=900))
    assert main(["agent", "chat", "tutor", "Weather?", "--outputs", "outputs.json"]) == 1
    seen = capsys.readouterr()
    assert seen.err.count("\n") == 2 and "Traceback" not in seen.err
    assert seen.err.startswith("The agent tutor at ai-fer.services.ai.azure.com.\n")
