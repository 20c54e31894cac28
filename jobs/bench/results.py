"""What a bench found: as a table, as a file, and against an earlier file."""

import json
import os
import platform
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from jobs.bench.growth import Growth
from jobs.bench.step import Measured
from jobs.errors import JobError


@dataclass(frozen=True, kw_only=True)
class BenchResult:
    """`roof` is what direct convolutions could do at best, in pictures a second; `embed` in fp32 does `share` of it.

    `unchanged_seconds` is a run of `embed` over `unchanged_pictures` that finds nothing to do.
    """

    date: str
    quick: bool
    machine: dict[str, str]
    steps: list[Measured]
    growth: list[Growth]
    roof: float
    share: float
    unchanged_pictures: int
    unchanged_seconds: float
    compared: list[str]
    files: list[str]

    def summary(self) -> str:
        lines = [" ".join(self.machine.values()), "", *format_table(self.steps), ""]
        lines.append(f"direct convolutions at best: {self.roof:.0f} pictures/s; embed fp32: {self.share:.2f} of it")
        lines.append(f"unchanged re-run: {self.unchanged_pictures:,} pictures in {self.unchanged_seconds:.2f} s")
        lines += ["", "How each step grows (1: in proportion):"]
        for each in self.growth:
            lines.append(f"  {each.name:14} {each.exponent:5.2f}   {each.sizes[0]:,} to {each.sizes[-1]:,} {each.unit}")
        lines += ["", *self.compared] if self.compared else []
        return "\n".join([*lines, "", *(f"written: {file}" for file in self.files)])


def format_table(steps: list[Measured]) -> list[str]:
    """Markdown, as the README has it."""
    lines = ["| step | against | ratio (least to most) | rate | agreement |", "| --- | --- | --- | --- | --- |"]
    for step in steps:
        spread = f"**{step.ratio:.1f}x** ({step.ratio_least:.1f} to {step.ratio_most:.1f})"
        rates = f"{step.our_rate:,.0f} against {step.baseline_rate:,.0f} {step.unit}/s"
        lines.append(f"| {step.name} | {step.baseline} | {spread} | {rates} | {step.agreement} |")
    return lines


def machine() -> dict[str, str]:
    """What the figures belong to."""
    return {
        "processor": f"{processor()}, {os.cpu_count()} cores,",
        "system": f"{platform.system()} {platform.machine()},",
        "versions": f"Python {platform.python_version()}, torch {torch.__version__}",
    }


def processor() -> str:
    """Its name as the system tells it: Linux keeps it in a file, the others tell it to Python."""
    file = Path("/proc/cpuinfo")
    if file.exists():
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown processor"


def write_results(result: BenchResult, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(asdict(result), indent=2) + "\n", encoding="utf-8")


def read_results(file: Path) -> dict[str, Any]:
    """An earlier results file. Raises Failure when it is none."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        return {step["name"]: (step["ratio"], step["our_rate"]) for step in found["steps"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise JobError(f"{file} is no results file of `jobs bench`: give one that it wrote.") from error


def compare(steps: list[Measured], before: dict[str, Any], file: Path) -> list[str]:
    """Now against then, as ratios: below 1 is slower. The first holds on any machine, the second on the same only."""
    lines = [f"Against {file} (below 1: slower now): by ratio to the plain way, by rate"]
    for step in steps:
        if step.name in before:
            ratio, rate = before[step.name]
            lines.append(f"  {step.name:22} {step.ratio / ratio:5.2f}  {step.our_rate / rate:5.2f}")
    return lines
