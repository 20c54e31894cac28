"""finetune demo: every step on this laptop, from drawn conversations to answers, and nothing is left but the page."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from jobs.errors import ErrorKind, JobError
from jobs.finetune.base import find_base
from jobs.finetune.carried.conversations import Message, read_conversations
from jobs.finetune.chat import Chat, Manner
from jobs.finetune.data import DataResult, load_data, write_data
from jobs.finetune.evaluate import ENDPOINT, EvalResult, Questions, evaluate_model
from jobs.finetune.local import LocalRunner
from jobs.finetune.order import TINY, TINY_SETTINGS, Order, name_run
from jobs.finetune.registry import NAME, register
from jobs.finetune.report import Pair, write_training
from jobs.finetune.results import (
    ChatResult,
    ConnectResult,
    DeployResult,
    ModelVersion,
    TeardownResult,
    TrainResult,
    format_pair,
)
from jobs.finetune.runner import Compute
from jobs.finetune.serving.deployment import DeployOrder, deploy
from jobs.finetune.split import Share
from jobs.finetune.take import Source
from jobs.report.steps import StepRecorder
from jobs.state import exclusive_lock, nested_state_folder

FOLDER = "finetune-demo"  # below the state folder
SHOWN, ASKED = 10, 50  # questions on the page, and to the endpoint
LEAST_GAIN = 0.2  # of exact match: less is chance
NOT_LEARNED = (
    "Exact match on questions that it never saw stayed at chance: {before:.3f} before, {after:.3f} after. The answers "
    "of the data do not follow from its questions: look at them, then run the same command again."
)


@dataclass(frozen=True, kw_only=True)
class DemoResult:
    """The result of each step, and the page: its path and its file:// address."""

    data: DataResult
    train: TrainResult
    register: ModelVersion
    eval: EvalResult
    deploy: DeployResult
    connect: ConnectResult
    chat: ChatResult
    teardown: TeardownResult
    report: str
    report_url: str
    seconds: float

    def summary(self) -> str:
        loss = format_pair(self.train.loss_before, self.train.loss_after)
        exact = format_pair(self.train.exact_before, self.train.exact_after)
        return "\n".join(
            [
                f"On {self.data.test} conversations that it never saw: exact match {exact}, loss {loss}",
                f"All of it took {self.seconds:.0f} s, and nothing is left running. The page: {self.report_url}",
                "Next:",
                "  python -m jobs finetune data       the first step by itself; then train, register, deploy, chat",
                "  python -m jobs finetune --help     every step",
            ]
        )


@contextmanager
def demo_folder() -> Iterator[None]:
    """The demo's own state folder for the block: what a user trained stays as it is. Nothing is left in it."""
    with exclusive_lock("finetune-demo.lock", "Another demo is at work"), nested_state_folder(FOLDER):
        LocalRunner().teardown(models=True, data=True)
        try:
            yield
        finally:
            LocalRunner().teardown(models=True, data=True)


def run_demo(report: Path, seed: int, data_folder: Path | None = None) -> DemoResult:
    """Run every step. Raises JobError, also where the model did not learn."""
    started, runner = time.monotonic(), LocalRunner()
    recorder = StepRecorder("{title}: {did}")
    step = recorder.run_step
    with demo_folder():
        data = step("Data", lambda: take_data(data_folder, seed), lambda each: f"{each.train} and {each.test} rows")
        order = build_order(Path(data.folder), seed)
        train = step("Train", lambda: runner.train(order, Compute()), describe_training)
        check_learned(train)
        version = step("Register", lambda: register(runner, train.run, NAME, False), lambda each: each.summary())
        asked = DeployOrder(confirm=lambda bill: None)
        deployed = step("Deploy", lambda: deploy(runner, asked), lambda each: each.summary().replace("\n", "; "))
        questions = Questions(model=ENDPOINT, data=Path(data.folder), rows=ASKED)
        evaluated = step("Eval", lambda: evaluate_model(runner, questions), lambda each: each.summary())
        connected = runner.connect("phi", rotate=False)
        chat = step("Chat", lambda: ask_once(runner, order.data.test_file), lambda each: each.answer)
        removed = step("Teardown", lambda: runner.teardown(False, False), lambda each: ", ".join(each.deleted))
        page = write_training(report, train, read_pairs(train), recorder.steps)
    return DemoResult(
        data=data,
        train=train,
        register=version,
        eval=evaluated,
        deploy=deployed,
        connect=connected,
        chat=chat,
        teardown=removed,
        report=str(page),
        report_url=page.resolve().as_uri(),
        seconds=round(time.monotonic() - started, 3),
    )


def take_data(folder: Path | None, seed: int) -> DataResult:
    """Draw faces, or use a folder of yours as it is."""
    if folder is None:
        return write_data(Source(seed=seed), Share(seed=seed), None)
    rows = load_data(folder)
    return DataResult(
        source=str(folder), train=rows.train, test=rows.test, dropped=[], sha256={}, folder=str(folder), seconds=0.0
    )


def build_order(folder: Path, seed: int) -> Order:
    data = load_data(folder)
    base, settings = find_base(TINY, data), replace(TINY_SETTINGS, seed=seed)
    return Order(base=base, data=data, settings=settings, run=name_run(base, data, settings), device="cpu")


def describe_training(run: TrainResult) -> str:
    exact, loss = format_pair(run.exact_before, run.exact_after), format_pair(run.loss_before, run.loss_after)
    return f"{run.steps} steps; held-out exact match {exact}, loss {loss}"


def check_learned(run: TrainResult) -> None:
    """Raise JobError for a training after which exact match is where it was."""
    before, after = run.exact_before or 0.0, run.exact_after or 0.0
    if after - before < LEAST_GAIN:
        raise JobError(NOT_LEARNED.format(before=before, after=after), ErrorKind.failed)


def read_pairs(run: TrainResult) -> list[Pair]:
    """The first questions of the training with both answers."""
    file = Path(run.folder) / "answers.jsonl"
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()[:SHOWN]]
    return [
        Pair(question=each["messages"][-1]["content"], **{key: each[key] for key in ("expected", "before", "after")})
        for each in rows
    ]


def ask_once(runner: LocalRunner, test: Path) -> ChatResult:
    """The first held-out question through the connection."""
    messages: list[Message] = next(read_conversations(test))
    question = next(each["content"] for each in messages if each["role"] == "user")
    manner = Manner(temperature=0.0)
    return Chat(connection=runner.read_connection("phi"), manner=manner, send=runner.send).ask(question)
