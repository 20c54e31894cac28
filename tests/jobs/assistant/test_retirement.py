"""A model that retires within 60 days is said under an answer; Azure is asked once a day, and not waited for long."""

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path

import pytest

from jobs.entry import main
from jobs.models.offers import today
from jobs.target import Target
from tests.azure_fakes.azure import ROOT, SUBSCRIPTION
from tests.azure_fakes.cloud import Cloud, Response
from tests.azure_fakes.cognitive_services import deployment, model, put_deployments
from tests.azure_fakes.openai_models import Models
from tests.azure_fakes.openai_replies import Say
from tests.azure_fakes.played_azure import PlayedAzure
from tests.fake_programs import FakeProgram
from tests.jobs.assistant.conftest import HOST

ACCOUNT = f"{ROOT}/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/ai-fer"
Ask = Callable[[int], tuple[str, int]]


@pytest.fixture
def ask(
    target: Target,
    models: Models,
    cloud: Cloud,
    az: FakeProgram,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Ask:
    """Ask the stack's deployment, whose model retires in so many days: stderr, and how often its dates were asked."""
    monkeypatch.setenv("JOBS_LOCAL", str(tmp_path / "state"))
    monkeypatch.setattr("jobs.assistant.retirement.WAIT_SECONDS", 60)
    played = PlayedAzure(cloud)
    put_deployments(played.azure, ACCOUNT, [deployment("Chat", "gpt-5.4-mini", "2026-03-17", 1)])
    stack = replace(
        target, openai_url=f"https://{HOST}/openai/v1/", pipeline_runner="data_factory", subscription_id=SUBSCRIPTION,
        resource_group="rg", foundry_account="ai-fer", foundry_location="swedencentral",
    )  # fmt: skip
    (tmp_path / "outputs.json").write_text(json.dumps(asdict(stack)))

    def run(days: int) -> tuple[str, int]:
        day = f"{today() + timedelta(days=days)}T00:00:00Z"
        played.ai.models = [model("gpt-5.4-mini", "2026-03-17", skus=[("GlobalStandard", day)])]
        models.replies.append(Say("An answer."))
        assert main(["chat", "ask", "x", "--outputs", str(tmp_path / "outputs.json")]) == 0
        return capsys.readouterr().err, len([each for each in cloud.requests if each.path.endswith("/deployments")])

    return run


@pytest.mark.parametrize(
    ("days", "text"), [(60, "in 60 days"), (61, ""), (1, "in 1 days"), (0, "retired on"), (-3, "retired on")]
)
def test_only_a_near_end_is_said(ask: Ask, days: int, text: str) -> None:
    said, _ = ask(days)
    assert ("The model of chat retire" in said) == bool(text) and text in said
    if text:
        assert "`python -m jobs models report --target dev`" in said


def test_azure_is_asked_once_a_day(ask: Ask, tmp_path: Path) -> None:
    assert [ask(30)[1] for _ in range(3)] == [1, 1, 1]
    kept = tmp_path / "state" / "retirements" / "ai-fer.json"
    kept.write_text(json.dumps({**json.loads(kept.read_text()), "asked": "2026-01-01"}))
    assert "in 10 days" in ask(10)[0]
    kept.write_text("[")
    assert ask(10)[1] == 3


def test_what_azure_does_not_show_is_not_said(ask: Ask, cloud: Cloud) -> None:
    cloud.services["management.azure.com"] = lambda request: Response(403, {"error": {"code": "AuthorizationFailed"}})
    assert "retire" not in ask(5)[0]
