"""bench finetune: the training step against the bare trainer, a resumed run, answers, and the reading of many rows."""

import json
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

import psutil

from jobs.bench.results import describe_machine
from jobs.finetune.carried.conversations import write_line
from jobs.finetune.child import run_child
from jobs.finetune.data import load_data, write_data
from jobs.finetune.draw import draw_conversations
from jobs.finetune.folder import finetune_folder, runs_folder
from jobs.finetune.local import LocalRunner
from jobs.finetune.order import TINY, TINY_SETTINGS, Order
from jobs.finetune.registry import NAME, register
from jobs.finetune.run import train_here
from jobs.finetune.runner import request_body
from jobs.finetune.serving.deployment import DeployOrder, deploy
from jobs.finetune.split import Share
from jobs.finetune.take import Source
from jobs.state import nested_state_folder
from jobs.terminal import log

PROGRAM = Path(__file__).with_name("finetune_program.py")
KEY = "finetune"  # in results.json
ANSWERS, AT_ONCE = 50, 64


@dataclass(frozen=True, kw_only=True)
class FinetuneBench:
    """Seconds on the wall. `step_ratio` is our training step over the bare trainer's, the median of the rounds.

    `answer_extra_ms` is the time of an answer of the endpoint beyond `generate` itself, `reading_bytes` how much memory
    grew while `reading_rows` conversations were read.
    """

    machine: dict[str, str]
    step_ratio: float
    step_ms: float
    resume_seconds: float
    answer_extra_ms: float
    at_once: int
    at_once_seconds: float
    reading_rows: int
    reading_seconds: float
    reading_bytes: int
    files: list[str]

    def summary(self) -> str:
        return "\n".join(
            [
                f"training step: {self.step_ms:.1f} ms, {self.step_ratio:.2f}x the bare trainer's",
                f"a resumed run is stepping after {self.resume_seconds:.1f} s",
                f"an answer: {self.answer_extra_ms:.1f} ms beyond generate",
                f"{self.at_once} requests at once: all answered in {self.at_once_seconds:.1f} s",
                f"{self.reading_rows:,} conversations: {self.reading_seconds:.1f} s, {self.reading_bytes:,} bytes",
                *self.files,
            ]
        )


def run_finetune_bench(out: Path, quick: bool) -> FinetuneBench:
    """Measure all of it in a state folder of its own, and add it to results.json. Raises JobError."""
    rows, steps = (20_000, 40) if quick else (200_000, 120)
    with nested_state_folder("finetune-bench"):
        LocalRunner().teardown(models=True, data=True)
        try:
            reading_seconds, reading_bytes = measure_reading(rows)
            data = write_data(Source(), Share(), None)
            order = build_order(Path(data.folder), steps)
            resume = measure_resume(order)
            register(LocalRunner(), train_here(order).run, NAME, anyway=True)
            ratio, step = measure_steps(order, 2 if quick else 3)
            extra, at_once = measure_answers()
        finally:
            LocalRunner().teardown(models=True, data=True)
    file = out / "results.json"
    result = FinetuneBench(
        machine=describe_machine(),
        step_ratio=round(ratio, 3),
        step_ms=round(step * 1000, 2),
        resume_seconds=round(resume, 2),
        answer_extra_ms=round(extra * 1000, 2),
        at_once=AT_ONCE,
        at_once_seconds=round(at_once, 2),
        reading_rows=rows,
        reading_seconds=round(reading_seconds, 2),
        reading_bytes=reading_bytes,
        files=[str(file)],
    )
    before = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({**before, KEY: asdict(result)}, indent=2) + "\n", encoding="utf-8")
    return result


def build_order(folder: Path, steps: int) -> Order:
    from jobs.finetune.base import find_base

    data = load_data(folder)
    base = find_base(TINY, data)
    return Order(base=base, data=data, settings=replace(TINY_SETTINGS, max_steps=steps), run="bench", device="cpu")


def measure_reading(rows: int) -> tuple[float, int]:
    """Read `rows` conversations of a file. Returns seconds and by how many bytes this process grew."""
    drawn = list(draw_conversations(1000, 0))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.jsonl"
        with file.open("wb") as lines:
            for number in range(rows):
                question, answer = drawn[number % len(drawn)]
                lines.write(write_line([question | {"content": f"{question['content']} {number}"}, answer]))
        before, started = psutil.Process().memory_info().rss, time.monotonic()
        write_data(Source(name=str(file)), Share(), Path(folder) / "out")
        return time.monotonic() - started, max(0, psutil.Process().memory_info().rss - before)


def measure_resume(order: Order) -> float:
    """Seconds from the start of a resumed `train` to its first step: kill it after the first checkpoint."""
    words = ["finetune", "train", "--max-steps", str(order.settings.max_steps), "--name", order.run, "--device", "cpu"]
    metrics = runs_folder() / order.run / "metrics.jsonl"
    first = subprocess.Popen(
        [sys.executable, "-m", "jobs", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while count_lines(metrics) < order.settings.max_steps // 2:
        time.sleep(0.05)
    first.terminate()  # ends with a checkpoint
    first.wait()
    done, started = count_lines(metrics), time.monotonic()
    again = subprocess.Popen(
        [sys.executable, "-m", "jobs", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while count_lines(metrics) <= done and again.poll() is None:
        time.sleep(0.05)
    seconds = time.monotonic() - started
    again.wait()
    return seconds


def count_lines(file: Path) -> int:
    return len(file.read_bytes().splitlines()) if file.exists() else 0


def measure_steps(order: Order, rounds: int) -> tuple[float, float]:
    """The median ratio of our step to the bare trainer's, and our seconds a step. In turns, in one process."""
    found: list[dict[str, Any]] = []
    words = [str(PROGRAM), "--rounds", str(rounds), "--train", str(order.data.train_file.resolve())]
    model = ["--model", str(order.base.folder), "--output", str(finetune_folder() / "bench")]
    run_child([*words, *model], finetune_folder() / "bench.log", found.append, order.base.folder)
    pairs = found[-1]["pairs"]
    return median(ours / bare for bare, ours in pairs), median(ours for _, ours in pairs)


def measure_answers() -> tuple[float, float]:
    """Seconds of an answer beyond `generate`, and of AT_ONCE requests at once. Raises JobError where one fails."""
    runner = LocalRunner()
    deploy(runner, DeployOrder(confirm=lambda bill: None))
    question = runner.questions(runner.versions()[0], 1)[0]
    body = request_body(question.messages, {"temperature": 0.0})
    times = []
    for _ in range(ANSWERS):
        started = time.monotonic()
        runner.ask(body, None)
        times.append(time.monotonic() - started)
    started = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda _: runner.ask(body, None), range(AT_ONCE)))
    at_once = time.monotonic() - started
    log("Measuring generate itself")
    found: list[dict[str, Any]] = []
    words = [str(PROGRAM), "--answers", str(ANSWERS), "--body", json.dumps(body), "--model", runner.versions()[0].path]
    run_child(words, finetune_folder() / "bench.log", found.append, Path(runner.versions()[0].path))
    return median(times) - float(found[-1]["seconds"]), at_once
