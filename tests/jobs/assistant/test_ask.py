"""chat ask on a laptop without a model: what it counts, what it quotes, and that it says so."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from jobs.assistant.golden import GOLDEN, read_cases
from jobs.entry import main
from jobs.errors import JobError
from jobs.pipeline.history import keep_run
from jobs.pipeline.run import PipelineResult
from jobs.target import Target
from tests.jobs.lake_rows import DRAWN, fill_lake

KEYS = {
    "question", "answer", "engine", "deployment", "model", "citations", "calls", "pictures", "usage", "usd",
    "price_date", "dropped", "response_id", "seconds",
}  # fmt: skip
RATE = 0.79  # at least: 21 of 24 are published in docs/assistant.md, and the pages that are asked about change
RUN = PipelineResult(pipeline="PL_Migrar_Datos_FER", run_id="r1", status="Succeeded", seconds=1.5, activities=[])


@pytest.fixture
def lake(laptop: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    fill_lake(laptop, DRAWN)
    return tmp_path


def ask(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> dict[str, Any]:
    assert main(["chat", "ask", *words, "--json"]) == status
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    return result


def test_a_question_about_pictures_is_counted(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = ask(capsys, "how many sad faces are there?")
    assert result.keys() >= KEYS
    first, count, how = result["answer"].splitlines()
    assert first.startswith("No language model wrote this answer")
    assert count == "59 of 350 pictures are sad."
    assert how.startswith("Counted with: SELECT emotion, count(*) FROM imagenes_fer")
    assert [(each["name"], each["ok"]) for each in result["calls"]] == [("count_by_emotion", True)]
    assert (result["engine"], result["usage"], result["usd"]) == ("extract", None, None)
    spanish = ask(capsys, "¿Cuántas caras tristes o felices hay?")["answer"].splitlines()
    assert spanish[0].startswith("Ningún modelo") and spanish[1].startswith("147 de 350")
    assert "is not" not in ask(capsys, "how many bored faces are there?")["answer"]


def test_a_question_about_documents_is_quoted_with_its_places(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = ask(capsys, "how do I pause the database?")
    assert "documents add PATH" in empty["answer"] and empty["citations"] == []
    (lake / "a.md").write_text(
        "# Pause\n\nThe command pause stops the database. It is cheap.\n\n# Other\n\nFree of charge."
    )
    assert main(["documents", "add", "a.md", "--embed-model", "words"]) == 0
    capsys.readouterr()
    result = ask(capsys, "how do I pause the database?")
    assert result["answer"].splitlines()[1] == "“The command pause stops the database.” [1]"
    (citation,) = result["citations"]
    assert (citation["n"], citation["document"], citation["heading"]) == (1, "a.md", "Pause")
    assert citation["quote"] == "The command pause stops the database. It is cheap."
    assert "Nothing in your documents" in ask(capsys, "who painted the chapel?")["answer"]


def test_a_picture_of_the_users_is_searched_by_its_handle(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (lake / "me.jpg").write_bytes(b"x")
    (call,) = ask(capsys, "which faces are like this one?", "--picture", "me.jpg")["calls"]
    assert call["arguments"] == {"picture": "picture-1", "emotion": None, "k": None}


def test_what_has_no_effect_without_a_model_is_said(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = ask(capsys, "how many pictures?", "--system", "Be brief.", "--temperature", "0.5", "--seed", "1")
    assert {each["parameter"] for each in result["dropped"]} == {"instructions", "temperature", "seed"}
    assert result["answer"].splitlines()[1].startswith("350 pictures: 88 happy")


@pytest.mark.parametrize(
    "words",
    [
        [" "],
        ["x", "--k", "0"],
        ["x", "--temperature", "2.1"],
        ["x", "--var", "A"],
        ["x {{A}}"],
        ["x", "--var", "A=1"],
        ["x", "--safety", "nothing"],
        ["x", "--meta", "a=b"],
        ["x", "--model", "m"],
        ["x", "--base-url", "http://127.0.0.1:1/v1"],
    ],
)
def test_wrong_usage_is_2(lake: Path, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert ask(capsys, *words, status=2)["kind"] == "usage"


@pytest.mark.parametrize("option", [["--system", "@none.txt"], ["--examples", "none.jsonl"], ["--picture", "none.jpg"]])
def test_a_missing_file_is_1(lake: Path, option: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert ask(capsys, "x", *option, status=1)["kind"] == "not_found"


def test_examples_name_the_line_that_is_wrong(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (lake / "e.jsonl").write_text('{"user": "a", "assistant": "b"}\n\n{"user": 1}\n')
    assert "line 3" in ask(capsys, "x", "--examples", "e.jsonl", status=1)["error"]


def test_the_golden_set_passes_every_figure_and_the_recorded_rate(
    lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep_run(RUN, datetime.now(UTC))
    assert main(["chat", "evaluate", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    kinds = {each.id: each.kind for each in read_cases(GOLDEN)}
    assert result["cases"] == 24 and set(result["languages"]) == {"en", "es"}
    assert [each for each in result["failures"] if kinds[each["id"]] == "figure"] == []
    assert result["rate"] >= RATE
    assert main(["chat", "evaluate", "--fail-below", "1", "--json"]) == (1 if result["failures"] else 0)


def test_nothing_is_left_out_that_nobody_gave(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask(capsys, "how many pictures?", "--data", "--tools")["dropped"] == []


def test_cases_of_ones_own(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = {"id": "a", "question": "how many happy faces?", "number": "SELECT 88", "not_contains": ["99"]}
    wrong = {"id": "b", "question": "how many happy faces?", "contains": ["89"]}
    writes = {
        "DELETE FROM imagenes_fer RETURNING id": "is only read here",
        "COMMIT; DROP TABLE imagenes_fer CASCADE; SELECT 88": "one statement",
        "SELECT 88; ": "",
    }
    (lake / "c.jsonl").write_text("\n".join(map(json.dumps, [case, wrong])))
    assert main(["chat", "evaluate", "c.jsonl", "--json", "--fail-below", "0.6"]) == 1
    result = json.loads(capsys.readouterr().out)
    assert (result["passed"], result["rate"], result["failures"][0]["id"]) == (1, 0.5, "b")
    for query, why in writes.items():
        capsys.readouterr()
        (lake / "c.jsonl").write_text(json.dumps(case | {"number": query}))
        assert main(["chat", "evaluate", "c.jsonl", "--json"]) == bool(why)
        assert why in json.loads(capsys.readouterr().out).get("error", "")
    for query in ("SELECT 'x'", "SELECT NULL", "SELECT 1.5", "nonsense"):
        (lake / "c.jsonl").write_text(json.dumps(case | {"number": query}))
        assert main(["chat", "evaluate", "c.jsonl", "--json"]) == 1
    capsys.readouterr()
    assert ask(capsys, "how many pictures?")["answer"].splitlines()[1].startswith("350")
    (lake / "c.jsonl").write_text('{"id": "a"}')
    with pytest.raises(JobError, match=r"line 1: a case is a JSON object"):
        read_cases(lake / "c.jsonl")


def test_without_a_model_nothing_heavy_is_imported(lake: Path) -> None:
    code = (
        "import sys; from jobs.entry import main; main(['chat', 'ask', 'how many sad faces?']); "
        "print(*sys.modules, file=sys.stderr)"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert "59 of 350" in done.stdout
    heavy = {"torch", "openai", "azure.identity", "azure.mgmt", "pyarrow", "faiss", "pypdf", "sentence_transformers"}
    assert not heavy & set(done.stderr.split())
