"""What a model or its service refuses, filters or cuts: one sentence, or the answer so far, and never a wrong one."""

import json
from pathlib import Path
from typing import Any

import pytest

from jobs.entry import main
from tests.azure_fakes.cloud import Response
from tests.azure_fakes.openai_models import Models, refusal
from tests.azure_fakes.openai_replies import Say


def ask(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> dict[str, Any]:
    assert main(["chat", "ask", *words, "--json"]) == status
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    return result


@pytest.mark.parametrize(
    ("refused", "options", "api", "kept"),
    [
        ("temperature", ["--temperature", "0.5", "--top-p", "0.9"], "responses", {"top_p": 0.9}),
        ("max_output_tokens", ["--max-tokens", "9"], "responses", {}),
        ("reasoning", ["--reasoning", "low"], "responses", {}),
        ("seed", ["--seed", "7", "--stop", "END"], "completions", {"stop": ["END"]}),
    ],
)
def test_a_refused_parameter_is_left_out_once(
    models: Models, model_options: list[str], refused: str, options: list[str], api: str, kept: dict[str, Any],
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    models.refuses = (refused,)
    models.replies.append(Say("ok"))
    result = ask(capsys, "x", *options, *model_options)
    assert (result["answer"], result["engine"], len(result["dropped"])) == ("ok", api, 1)
    first, second = models.bodies
    assert refused in first and refused not in second and kept.items() <= second.items()


def test_max_tokens_has_a_newer_name_on_chat_completions(
    models: Models, model_options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    models.refuses = ("max_tokens",)
    models.replies.append(Say("ok"))
    assert ask(capsys, "x", "--max-tokens", "9", "--api", "completions", *model_options)["dropped"] == []
    assert models.bodies[1]["max_completion_tokens"] == 9


def test_a_second_refusal_is_the_failure(
    models: Models, model_options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    models.refuses = ("temperature", "top_p")
    words = ["x", "--temperature", "1", "--top-p", "1"]
    assert "'top_p' is not supported" in ask(capsys, *words, *model_options, status=1)["error"]
    assert len(models.bodies) == 2


def test_tools_on_chat_completions_name_both_ways_out(
    models: Models, model_options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    error = ask(capsys, "x", "--tools", "--seed", "1", *model_options, status=1)["error"]
    assert "leave out" in error and "--reasoning none" in error and len(models.bodies) == 1


FILTER = {
    "innererror": {
        "content_filter_result": {"violence": {"filtered": True, "severity": "medium"}, "hate": {"filtered": False}}
    }
}


@pytest.mark.parametrize(
    ("reply", "sentence"),
    [
        (
            refusal(400, "content_filter", "The prompt triggered a filter.", "prompt", **FILTER),
            "violence, severity medium",
        ),
        (refusal(404, "DeploymentNotFound", "The API deployment does not exist."), "models preflight"),
        (refusal(401, "401", "Access denied."), "az login"),
        (refusal(403, "Forbidden", "No permission."), "Cognitive Services OpenAI User"),
        (refusal(429, "RateLimitReached", "Too many.", headers={"Retry-After": "0"}), "thousand tokens a minute"),
        (refusal(400, "context_length_exceeded", "Too long.", "input"), "--history N"),
        (refusal(500, "InternalError", "Oops.", headers={"Retry-After": "0"}), "fault of its own"),
    ],
)
def test_refusals_are_one_sentence(
    models: Models, model_options: list[str], reply: Response, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    models.replies += [reply] * 4
    error = ask(capsys, "x", *model_options, status=1)["error"]
    assert sentence in error and "\n" not in error
    assert len(models.bodies) == (3 if reply.status in (429, 500) else 1)


def test_a_filter_names_the_passages_that_were_sent(
    models: Models, model_options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.md").write_text("# Fights\n\nA violent story.")
    assert main(["documents", "add", "a.md", "--embed-model", "words", *model_options]) == 0
    capsys.readouterr()
    models.replies.append(refusal(400, "content_filter", "The prompt triggered a filter.", "prompt", **FILTER))
    assert "Passages were sent of a.md, Fights." in ask(capsys, "a story?", "--data", *model_options, status=1)["error"]


@pytest.mark.parametrize("api", [[], ["--api", "completions"]])
def test_a_filter_in_the_middle_keeps_what_came(
    models: Models, model_options: list[str], api: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    models.replies.append(Say("Half an ans", incomplete="content_filter"))
    result = ask(capsys, "x", *api, *model_options, status=1)
    assert result["answer"] == "Half an ans" and "content filter ended the answer on its way out" in result["note"]
    assert len(models.bodies) == 1


@pytest.mark.parametrize("api", [[], ["--api", "completions"]])
@pytest.mark.parametrize("cut", range(0, 3000, 311))
def test_a_stream_that_is_cut_anywhere_is_kept_and_marked_or_one_sentence(
    models: Models, model_options: list[str], api: list[str], cut: int, capsys: pytest.CaptureFixture[str]
) -> None:
    models.replies += [Say("A long answer in many parts, each of five characters.", cut=cut)] * 3
    assert main(["chat", "ask", "x", *api, *model_options, "--json"]) in (0, 1)
    result = json.loads(capsys.readouterr().out)
    if result.get("answer"):
        whole = "A long answer in many parts, each of five characters."
        assert whole.startswith(result["answer"])
        assert not result["note"] or "connection broke" in result["note"]
        assert result["note"] or result["answer"] == whole
    else:
        assert result["kind"] == "unavailable"


def test_an_error_event_is_a_failure(
    models: Models, model_options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    models.replies.append(Say("Half", error="The server had an error."))
    assert "The server had an error" in ask(capsys, "x", *model_options, status=1)["error"]
