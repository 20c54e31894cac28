"""finetune demo: every step on this laptop, a page, nothing left; and data from which nothing can be learned."""

import json
import random
from pathlib import Path

import pytest

from jobs.entry import main
from jobs.finetune.draw import draw_conversations
from tests.jobs.finetune.training import write_lines

pytestmark = pytest.mark.slow


def test_every_step_is_a_key_and_only_the_page_is_left(
    state: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["finetune", "demo", "--report", str(tmp_path / "report"), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert {"data", "train", "register", "deploy", "eval", "connect", "chat", "teardown"} <= set(result)
    train = result["train"]
    assert train["exact_before"] <= 0.25 and train["exact_after"] >= 0.9
    assert train["loss_after"] <= 0.85 * train["loss_before"]
    assert result["eval"]["exact"] >= 0.9 and result["deploy"]["traffic"] == {"blue": 100}
    page = (tmp_path / "report" / "finetune.html").read_text()
    assert page.count("<tr>") == 11 and "<polyline" in page and f"{train['exact_after']:.3f}" in page
    assert not [each for each in (state / "finetune-demo" / "finetune").rglob("*") if each.is_dir()]


@pytest.mark.exhaustive
def test_shuffled_answers_stay_at_chance_and_are_an_error(
    state: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = list(draw_conversations(750, 0))
    answers = [messages[1] for messages in rows]
    random.Random(0).shuffle(answers)
    lines = [json.dumps({"messages": [messages[0], answer]}) for messages, answer in zip(rows, answers, strict=True)]
    write_lines(tmp_path / "train.jsonl", *lines[:600])
    write_lines(tmp_path / "test.jsonl", *lines[600:])
    assert main(["finetune", "demo", "--data", str(tmp_path), "--report", str(tmp_path / "report"), "--json"]) == 1
    assert "stayed at chance" in json.loads(capsys.readouterr().out)["error"]
