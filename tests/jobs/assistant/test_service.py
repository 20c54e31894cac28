"""chat usage and chat stored: what the service has counted and kept."""

import json
from pathlib import Path
from typing import Any

import pytest

from jobs.entry import main
from tests.azure_fakes.cloud import Cloud, Request, Response
from tests.azure_fakes.openai_models import Models, refusal
from tests.azure_fakes.openai_replies import Say, build_completion, build_response
from tests.jobs.assistant.conftest import HOST


def run(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> dict[str, Any]:
    assert main(["chat", *words, "--json"]) == status
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    return result


def metric(name: str, **totals: list[int]) -> dict[str, Any]:
    """A metric as Azure Monitor returns it, by deployment, a value a day."""
    series = [
        {
            "metadatavalues": [{"name": {"value": "modeldeploymentname"}, "value": deployment}],
            "data": [{"timeStamp": "2026-11-25T00:00:00Z", "total": value} for value in values] + [{"timeStamp": "x"}],
        }
        for deployment, values in totals.items()
    ]
    return {"name": {"value": name}, "unit": "Count", "timeseries": series}


def test_usage_is_summed_by_deployment(
    model_options: list[str], cloud: Cloud, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outputs = json.loads((tmp_path / "outputs.json").read_text())
    names = {"subscription_id": "sub", "resource_group": "rg", "foundry_account": "ai-fer"}
    (tmp_path / "outputs.json").write_text(json.dumps(outputs | names))

    def monitor(request: Request) -> Response:
        assert request.path.endswith(
            "/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/ai-fer/providers/Microsoft.Insights/metrics"
        )
        assert request.query["$filter"] == "ModelDeploymentName eq '*'" and request.query["aggregation"] == "Total"
        values = [
            metric("ModelRequests", chat=[1, 2], other=[5]),
            metric("InputTokens", chat=[100]),
            metric("OutputTokens", chat=[7]),
        ]
        return Response(200, {"value": values})

    cloud.services["management.azure.com"] = monitor
    result = run(capsys, "usage", "--days", "3", *model_options)
    chat, other = result["deployments"]
    assert (chat["name"], chat["model"], chat["requests"], chat["input_tokens"], chat["output_tokens"]) == (
        "chat",
        "gpt-5.4-mini",
        3,
        100,
        7,
    )
    assert (other["name"], other["model"], other["requests"], other["usd"]) == ("other", None, 5, None)
    for nothing in ([], [metric("ModelRequests")], [metric("ModelRequests") | {"timeseries": None}]):
        cloud.services["management.azure.com"] = lambda request, value=nothing: Response(200, {"value": value})
        assert run(capsys, "usage", *model_options) == {"days": 7, "deployments": []}
    assert main(["chat", "usage", *model_options]) == 0
    assert "No requests in the last 7 days" in capsys.readouterr().out
    cloud.services["management.azure.com"] = lambda request: refusal(403, "AuthorizationFailed", "No.")
    assert "Monitoring Reader" in run(capsys, "usage", *model_options, status=1)["error"]


def test_stored_answers_are_listed_shown_and_forgotten(
    models: Models, model_options: list[str], cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("JOBS_LOCAL", str(tmp_path / "state"))
    models.replies.append(Say("Stored."))
    run(capsys, "ask", "a question", "--store", "--meta", "course=ai", *model_options)
    kept = {
        "resp_1": build_response("m", Say("Stored.")),
        "cc_1": build_completion("m", Say("Completed.")) | {"metadata": {"course": "ai"}},
    }

    def service(request: Request) -> Response:
        name = request.path.rpartition("/")[2]
        if name == "completions":
            listed = [kept["cc_1"]] if "cc_1" in kept else []
            return Response(200, {"object": "list", "data": listed, "has_more": False})
        if name not in kept:
            return refusal(404, "not_found", f"Response with id '{name}' not found.")
        return Response(200, kept.pop(name) if request.method == "DELETE" else kept[name])

    cloud.services[HOST] = service
    listed = run(capsys, "stored", "list", "--meta", "course=ai", *model_options)["stored"]
    assert [(each["id"], each["question"]) for each in listed] == [("resp_1", "a question"), ("cc_1", "")]
    assert run(capsys, "stored", "show", "resp_1", *model_options)["answer"] == "Stored."
    assert run(capsys, "stored", "show", "cc_1", *model_options)["answer"] == "Completed."
    for name in ("resp_1", "cc_1"):
        assert run(capsys, "stored", "forget", name, *model_options) == {"forgotten": name}
    assert run(capsys, "stored", "list", *model_options) == {"stored": []}
    assert run(capsys, "stored", "show", "resp_1", *model_options, status=1)["kind"] == "not_found"
    assert run(capsys, "stored", "show", "../x", *model_options, status=1)["kind"] == "invalid"
    assert run(capsys, "stored", "show", *model_options, status=2)["kind"] == "usage"
