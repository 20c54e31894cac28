"""chat batch: one batch for the same questions, whatever broke, and answers beside their questions."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jobs.assistant import batch
from jobs.configuration import read_configuration
from jobs.cost.prices import Price, save_prices
from jobs.cost.tokens import token_meters
from jobs.entry import main
from tests.azure_fakes.cloud import Cloud
from tests.azure_fakes.openai_batches import Batches
from tests.jobs.assistant.conftest import HOST

QUESTIONS = '{"id": "a", "question": "¿Uno?"}\n{"id": "b", "question": "Two?"}\n'


@pytest.fixture
def service(model_options: list[str], cloud: Cloud, tmp_path: Path) -> Batches:
    fake = Batches()
    cloud.services[HOST] = fake
    (tmp_path / "q.jsonl").write_text(QUESTIONS, encoding="utf-8")
    return fake


def run(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> dict[str, Any]:
    assert main(["chat", "batch", *words, "--json"]) == status
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    return result


def test_answers_are_joined_to_their_questions(
    service: Batches, model_options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = run(capsys, "submit", "q.jsonl", "--system", "Be brief.", *model_options)
    assert (made["batch"], made["status"], made["total"]) == ("batch_0", "validating", 2)
    (line, _) = [json.loads(each) for each in service.files["file-0"][1].splitlines()]
    assert (line["custom_id"], line["url"], line["body"]["model"]) == ("a", "/chat/completions", "batch")
    assert [each["content"] for each in line["body"]["messages"]] == ["Be brief.", "¿Uno?"]
    assert run(capsys, "fetch", "batch_0", "--out", "o.jsonl", *model_options, status=1)["kind"] == "unavailable"
    service.end("batch_0", {"a": "Uno."})
    fetched = run(capsys, "fetch", "batch_0", "--out", "o.jsonl", *model_options)
    assert (fetched["completed"], fetched["failed"], fetched["failures"]) == (1, 1, ["b"])
    rows = [json.loads(each) for each in (tmp_path / "o.jsonl").read_text(encoding="utf-8").splitlines()]
    assert rows == [
        {"id": "a", "question": "¿Uno?", "answer": "Uno.", "error": None},
        {"id": "b", "question": "Two?", "answer": None, "error": "It failed."},
    ]


@pytest.mark.parametrize("stop", range(6))
def test_whatever_broke_there_is_one_file_and_one_batch(
    service: Batches,
    model_options: list[str],
    stop: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("jobs.azure.openai.RETRIES", 0)
    service.fail_after = stop
    main(["chat", "batch", "submit", "q.jsonl", *model_options])
    service.fail_after = 10**9
    capsys.readouterr()
    assert run(capsys, "submit", "q.jsonl", *model_options)["batch"] == "batch_0"
    assert (len(service.files), len(service.batches)) == (1, 1)
    service.batches["batch_0"]["status"] = "failed"
    assert run(capsys, "submit", "q.jsonl", *model_options)["batch"] == "batch_1"


def test_a_batch_that_may_cost_more_is_not_submitted(
    service: Batches,
    model_options: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("JOBS_LOCAL", str(tmp_path / "state"))
    config = read_configuration("dev")
    entry = {"alias": "batch", "model": "gpt-5.4-mini", "sku": "GlobalBatch"}
    monkeypatch.setattr("jobs.assistant.price.read_configuration", lambda stack: replace(config, models=(entry,)))
    words = ("submit", "q.jsonl", "--max-usd", "0.005", *model_options)
    assert "cost --refresh" in run(capsys, *words, status=1)["error"]
    meters = token_meters(config.ai_location, "gpt-5.4-mini", "GlobalBatch")
    save_prices(Price(each.key, 3.0, "1M", "list", "2026-11-25") for each in meters.values())
    assert "The batch may cost 0.006" in run(capsys, *words, status=1)["error"]
    assert not service.files
    assert run(capsys, "submit", "q.jsonl", "--max-usd", "0.01", *model_options)["batch"] == "batch_0"


def test_waiting_says_each_change(
    service: Batches, model_options: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(batch, "FIRST_PAUSE", 0.0)
    reads = iter(["validating", "in_progress", "in_progress"])
    read = batch.read_batch

    def change(*arguments: Any) -> batch.BatchResult:
        state = next(reads, None)
        if state is None:
            service.end("batch_0", {"a": "x", "b": "y"})
        else:
            service.batches["batch_0"]["status"] = state
        return read(*arguments)

    monkeypatch.setattr(batch, "read_batch", change)
    assert main(["chat", "batch", "submit", "q.jsonl", "--wait", *model_options]) == 0
    printed = capsys.readouterr()
    assert "batch_0: completed, 2 of 2 done" in printed.out
    assert [line for line in printed.err.splitlines() if line.startswith("batch_0: ")] == [
        "batch_0: validating, 0 of 2 done, 0 failed",
        "batch_0: in_progress, 0 of 2 done, 0 failed",
        "batch_0: completed, 2 of 2 done, 0 failed",
    ]


def test_cancel_and_what_is_wrong(
    service: Batches, model_options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "submit", "q.jsonl", *model_options)
    assert run(capsys, "cancel", "batch_0", *model_options)["status"] == "cancelling"
    assert run(capsys, "status", "batch_9", *model_options, status=1)["kind"] == "not_found"
    (tmp_path / "q.jsonl").write_text(QUESTIONS.replace('"b"', '"a"'))
    error = run(capsys, "submit", "q.jsonl", *model_options, status=1)["error"]
    assert "q.jsonl, line 2: another case has the id a" in error
    for name in ("", "../files", "a b", "batch_0?x=1"):
        assert run(capsys, "status", name, *model_options, status=1)["kind"] == "invalid"


def test_a_question_with_any_ends_of_lines_is_one_line(
    service: Batches, model_options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    question = "a\u2028b\x85c\u2029d"
    (tmp_path / "q.jsonl").write_text(
        json.dumps({"id": "a", "question": question}, ensure_ascii=False) + "\r\n", "utf-8"
    )
    assert run(capsys, "submit", "q.jsonl", *model_options)["total"] == 1
    service.end("batch_0", {"a": "x"})
    run(capsys, "fetch", "batch_0", "--out", "o.jsonl", *model_options)
    assert json.loads((tmp_path / "o.jsonl").read_text(encoding="utf-8"))["question"] == question


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"choices": [{"finish_reason": "content_filter", "message": {"content": "Half"}}]}, "content filter"),
        ({"choices": [{"finish_reason": "content_filter", "message": {}}]}, "content filter"),
        ({"choices": []}, "no answer came"),
        ({"error": {"code": "x", "message": "Too long."}}, "Too long."),
        ({}, "no answer came"),
        ({"choices": [{"finish_reason": "stop", "message": {"content": "ok"}}]}, None),
    ],
)
def test_what_has_no_whole_answer_is_a_failure(body: dict[str, Any], reason: str | None) -> None:
    request = {"custom_id": "a", "body": {"messages": [{"content": "?"}]}}
    error = batch.join(request, {"custom_id": "a", "response": {"body": body}})["error"]
    assert error == reason or reason in error
