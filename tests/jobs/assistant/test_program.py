"""--show-code: the printed program runs by itself and sends the same requests."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from jobs.entry import main
from jobs.target import Target
from tests.azure_fakes.openai_models import Models
from tests.azure_fakes.openai_replies import Say
from tests.jobs.lake_rows import fill_lake

COUNT = ("count_by_emotion", '{"emotions": ["sad"]}')
ROOT = Path(__file__).parents[3]


def run_program(code: str, folder: Path) -> str:
    (folder / "program.py").write_text(code, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "program.py"], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("api", [[], ["--api", "completions", "--reasoning", "none"]])
@pytest.mark.parametrize("stream", [[], ["--no-stream"]])
def test_it_sends_the_same_bodies(
    target: Target, models: Models, model_options: list[str], api: list[str], stream: list[str], tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    fill_lake(target, {"sad": 3})
    replies = [Say(calls=(COUNT,)), Say("There are 3, 'quoted' {x}.")]
    models.replies += replies
    words = ["chat", "ask", "how many sad?", "--tools", "--system", 'Say "hi" \\ {}.', "--max-tokens", "50"]
    assert main([*words, *api, *stream, "--show-code", "--json", *model_options]) == 0
    code = json.loads(capsys.readouterr().out)["code"]
    assert "marker" not in code
    sent, models.bodies = models.bodies, []
    models.replies += replies
    assert "There are 3, 'quoted' {x}." in run_program(code, tmp_path)
    assert models.bodies == sent


@pytest.mark.parametrize("api", ["responses", "completions"])
def test_it_has_passages_examples_and_what_is_stored(
    models: Models, model_options: list[str], api: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.md").write_text("# Exam\n\nThe exam's day is {{Friday}} \\ [1].")
    (tmp_path / "e.jsonl").write_text('{"user": "Hi {{who}}", "assistant": "\'Hello\'"}\n')
    assert main(["documents", "add", "a.md", "--embed-model", "words", *model_options]) == 0
    models.replies += [Say("Friday [1]."), Say("Friday [1].")]
    words = ["--data", "--examples", "e.jsonl", "--var", "who=Ana", "--safety", "all", "--store", "--meta", "a=b"]
    assert main(["chat", "ask", "which day?", *words, "--api", api, "--show-code", *model_options]) == 0
    run_program(f"from azure{capsys.readouterr().out.partition('from azure')[2]}", tmp_path)
    assert models.bodies[1] == models.bodies[0] and "exam's day" in json.dumps(models.bodies[0])


def test_a_refused_parameter_is_not_in_it(
    models: Models, model_options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models.refuses = ("temperature",)
    models.replies += [Say("ok"), Say("ok")]
    assert main(["chat", "ask", "x", "--temperature", "1", "--show-code", *model_options]) == 0
    code = capsys.readouterr().out.partition("\nfrom azure")[2]
    run_program(f"from azure{code}", tmp_path)
    assert models.bodies[2] == models.bodies[1]


def test_without_a_model_it_knows_the_pictures(
    laptop: Target, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_lake(laptop, {"sad": 2})
    monkeypatch.chdir(tmp_path)
    Path("a'b.jpg").write_bytes(b"not a picture")
    assert main(["chat", "ask", "faces like this one", "--picture", "a'b.jpg", "--show-code", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    error = json.loads(run_program(shown["code"], tmp_path))["error"]
    assert "cannot be read (it is not a picture)" in shown["answer"] and "cannot be read (it is not a picture)" in error


def test_without_a_model_it_calls_the_tool(laptop: Target, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill_lake(laptop, {"sad": 4, "happy": 1})
    assert main(["chat", "ask", "how many sad faces?", "--show-code", "--json"]) == 0
    code = json.loads(capsys.readouterr().out)["code"]
    assert json.loads(run_program(code, tmp_path))["sum"] == 4
