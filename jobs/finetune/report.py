"""The pages of `finetune`: a training with its curve and answers, or the answers of an evaluation. One file each."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from jobs.finetune.results import TrainResult
from jobs.lines import escape_name
from jobs.report.page import Step

PAGE, ANSWERS = "finetune.html", "finetune-answers.html"
WIDTH, HEIGHT, MARGIN = 720, 240, 40


@dataclass(frozen=True, kw_only=True)
class Curve:
    """The loss of each step, drawn in WIDTH x HEIGHT pixels: `points` of a polyline, and the labels of the axes."""

    points: str
    highest: float
    last: int


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A held-out question with the answers of the base and of the tuned model."""

    question: str
    expected: str
    before: str
    after: str


def write_training(folder: Path, run: TrainResult, pairs: Sequence[Pair], steps: Sequence[Step]) -> Path:
    """Write finetune.html; returns its path."""
    losses = read_losses(Path(run.folder) / "metrics.jsonl")
    values = {"run": run, "pairs": pairs, "steps": steps, "curve": draw_curve(losses), "size": (WIDTH, HEIGHT, MARGIN)}
    return write_page(folder / PAGE, "finetune.html", values)


def write_answers(folder: Path, title: str, answers: Sequence[Mapping[str, Any]]) -> Path:
    """Write finetune-answers.html, a row for each question; returns its path."""
    return write_page(folder / ANSWERS, "answers.html", {"title": title, "answers": answers})


def write_page(path: Path, template: str, values: Mapping[str, Any]) -> Path:
    """Render a template. All texts are escaped: conversations are others'."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        finalize=lambda value: escape_name(value) if isinstance(value, str) else value,
    )
    html = environment.get_template(template).render(**values)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(html, encoding="utf-8")
    return path


def read_losses(file: Path) -> list[tuple[int, float]]:
    """Step and loss of each line of metrics.jsonl."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    rows = [json.loads(line) for line in lines]
    return [(int(each["step"]), float(each["loss"])) for each in rows]


def draw_curve(losses: Sequence[tuple[int, float]]) -> Curve | None:
    """The curve of at least two steps."""
    if len(losses) < 2:
        return None
    last, highest = losses[-1][0], max(loss for _, loss in losses) or 1.0
    across, up = WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN
    points = [(MARGIN + across * step / last, HEIGHT - MARGIN - up * loss / highest) for step, loss in losses]
    return Curve(points=" ".join(f"{x:.1f},{y:.1f}" for x, y in points), highest=round(highest, 3), last=last)
