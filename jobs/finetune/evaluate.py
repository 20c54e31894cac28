"""Ask a model held-out questions: the base, a version, or the endpoint."""

import json
import tempfile
import time
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from statistics import mean
from typing import Any

from jobs.errors import ErrorKind, JobError
from jobs.finetune.carried.conversations import read_conversations, split_turns
from jobs.finetune.child import run_child
from jobs.finetune.data import load_data
from jobs.finetune.folder import finetune_folder
from jobs.finetune.metrics import is_exact, token_f1
from jobs.finetune.registry import find_version
from jobs.finetune.report import write_answers
from jobs.finetune.results import ModelVersion
from jobs.finetune.run import read_order
from jobs.finetune.runner import Runner, request_body
from jobs.terminal import progress

BASE, ENDPOINT = "base", "endpoint"
PARAMETERS = {"temperature": 0.0, "max_new_tokens": 256}


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """`answers` are rows with messages, expected, answer and cut_off; `loss` is None where only answers are seen."""

    loss: float
    answers: list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class EvalResult:
    """`exact` is the share of answers that are the expected text, `f1` the mean of token F1, `cut_off` a number."""

    model: str
    rows: int
    exact: float
    f1: float
    cut_off: int
    seconds: float
    report: str = ""

    def summary(self) -> str:
        lines = [f"{self.model}: {self.rows} questions, exact match {self.exact:.3f}, token F1 {self.f1:.3f}"]
        lines += [f"{self.cut_off} answers were cut off at the limit"] if self.cut_off else []
        return "\n".join([*lines, self.report] if self.report else lines)


def evaluate_folder(model: Path | str, test: Path, *, rows: int, longest: int = 512, revision: str = "") -> Evaluation:
    """Load a model in a process of its own, and ask it. Raises JobError."""
    with tempfile.TemporaryDirectory(prefix="finetune-") as folder:
        output = Path(folder) / "result.json"
        words = ["evaluate.py", "--model", str(model), "--revision", revision, "--test", str(test.resolve())]
        limits = ["--rows", str(rows), "--max-length", str(longest), "--output", str(output)]
        run_child([*words, *limits], finetune_folder() / "evaluate.log", model=folder_of(model))
        result = json.loads(output.read_text(encoding="utf-8"))
    return Evaluation(loss=result["loss"], answers=result["rows"])


def folder_of(model: Path | str) -> Path | None:
    return Path(model) if Path(model).is_dir() else None


def evaluate_endpoint(runner: Runner, test: Path, rows: int) -> list[dict[str, Any]]:
    """Ask the endpoint, one question after the other. Raises JobError."""
    turns = islice((turn for each in read_conversations(test) for turn in split_turns(each)), rows)
    answers = []
    with progress("Asking", None, "questions") as advance:
        for prompt, expected in turns:
            text, _ = runner.ask(request_body(prompt, PARAMETERS), None)
            answers.append({"messages": prompt, "expected": expected["content"], "answer": text, "cut_off": False})
            advance(1)
    return answers


@dataclass(frozen=True, kw_only=True)
class Questions:
    """What to ask and whom: `model` is base, a version's number, endpoint, or "" for the newest version.

    `name` is that of the model, `data` the folder of the rows, `report` that of the page.
    """

    model: str = ""
    name: str | None = None
    data: Path | None = None
    rows: int = 200
    report: Path | None = None


def evaluate_model(runner: Runner, questions: Questions) -> EvalResult:
    """Ask held-out questions. Raises JobError."""
    started = time.monotonic()
    test = load_data(questions.data).test_file
    if questions.model == ENDPOINT:
        name, answers = ENDPOINT, evaluate_endpoint(runner, test, questions.rows)
    else:
        name, answers = evaluate_here(runner, questions, test)
    result = summarize_answers(name, answers, started)
    if questions.report:
        page = write_answers(questions.report, result.summary(), answers)
        return replace(result, report=str(page))
    return result


def evaluate_here(runner: Runner, questions: Questions, test: Path) -> tuple[str, list[dict[str, Any]]]:
    """Load the base or a version on this computer, and ask it. Returns its name too. Raises JobError."""
    asked = questions.model
    if asked not in ("", BASE) and not asked.isdecimal():
        raise JobError(
            f"There is no model {asked!r:.60}: give base, a version's number, or endpoint.", ErrorKind.invalid
        )
    version = find_version(runner.versions(), int(asked) if asked.isdecimal() else None, questions.name)
    if not Path(version.path).is_dir():
        raise JobError(
            "That model is on Azure: ask it with --model endpoint; the base's figures are those of its run.",
            ErrorKind.invalid,
        )
    model, revision, longest = model_of(version, asked == BASE)
    name = BASE if asked == BASE else f"{version.name} {version.version}"
    found = evaluate_folder(model, test, rows=questions.rows, longest=longest, revision=revision)
    return name, found.answers


def model_of(version: ModelVersion, base: bool) -> tuple[str, str, int]:
    """The folder or hub name of a version, or of its base, with its commit; and the longest row in tokens."""
    order = read_order(version.run)
    longest = int(order["settings"]["max_length"])
    if base:
        return order["folder"] or order["model"], order["revision"], longest
    return str(Path(version.path) / "model"), "", longest


def summarize_answers(model: str, answers: list[dict[str, Any]], started: float) -> EvalResult:
    """The figures of some answers. `started` is the time.monotonic() of the start."""
    pairs = [(each["answer"], each["expected"]) for each in answers]
    return EvalResult(
        model=model,
        rows=len(pairs),
        exact=float(mean(is_exact(*pair) for pair in pairs)),
        f1=round(mean(token_f1(*pair) for pair in pairs), 6),
        cut_off=sum(each["cut_off"] for each in answers),
        seconds=round(time.monotonic() - started, 3),
    )
