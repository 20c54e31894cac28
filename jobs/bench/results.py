"""The results of a bench: as a table, as a file, and compared with an earlier file."""

import json
import os
import platform
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from jobs.bench.growth import Growth
from jobs.bench.page_figures import WITHOUT_BROWSER
from jobs.bench.step import Measurement
from jobs.embed.device import processor_name
from jobs.errors import ErrorKind, JobError


@dataclass(frozen=True, kw_only=True)
class BenchResult:
    """`roof` is the most pictures per second that direct convolutions could do; `share` is embed's fp32 rate over it.

    `ways` has the pictures per second of each way to compute in fp32, without reading and writing.
    `unchanged_seconds` is the time of a run of `embed` over `unchanged_pictures` that has nothing to do. `page_mib` is
    the memory of the page with its network and `page_vectors` vectors, before the first search; `page_cuda_mib` of it
    are libraries of PyTorch's build for CUDA. `map_milliseconds` is the time of one frame of the map with as many
    points; None where no browser is installed.
    """

    date: str
    quick: bool
    machine: dict[str, str]
    steps: list[Measurement]
    growth: list[Growth]
    roof: float
    share: float
    ways: dict[str, float]
    unchanged_pictures: int
    unchanged_seconds: float
    page_vectors: int
    page_mib: int
    page_cuda_mib: int
    map_milliseconds: float | None
    compared: list[str]
    files: list[str]

    def summary(self) -> str:
        lines = [" ".join(self.machine.values()), "", *format_table(self.steps), ""]
        lines.append(f"direct convolutions, at most: {self.roof:.0f} pictures/s; embed fp32: {self.share:.2f} of it")
        lines += [f"  {rate:6.1f} pictures/s: {label}" for label, rate in self.ways.items()]
        lines.append(f"unchanged re-run: {self.unchanged_pictures:,} pictures in {self.unchanged_seconds:.2f} s")
        cuda = (
            f", {self.page_cuda_mib} MiB of it the libraries of PyTorch's build for CUDA" if self.page_cuda_mib else ""
        )
        lines.append(f"the page with {self.page_vectors:,} vectors, idle: {self.page_mib} MiB{cuda}")
        frame = WITHOUT_BROWSER if self.map_milliseconds is None else f"{self.map_milliseconds:.1f} ms a frame"
        lines.append(f"its map with {self.page_vectors:,} points: {frame}")
        lines += ["", "How each step grows (exponent, 1 is linear):"]
        for each in self.growth:
            lines.append(f"  {each.name:14} {each.exponent:5.2f}   {each.sizes[0]:,} to {each.sizes[-1]:,} {each.unit}")
        lines += ["", *self.compared] if self.compared else []
        return "\n".join([*lines, "", *(f"written: {file}" for file in self.files)])


def format_table(steps: list[Measurement]) -> list[str]:
    """A Markdown table, as in the README."""
    lines = ["| step | against | ratio (least to most) | rate | agreement |", "| --- | --- | --- | --- | --- |"]
    for step in steps:
        spread = f"**{step.ratio:.1f}x** ({step.ratio_least:.1f} to {step.ratio_most:.1f})"
        rates = f"{format_rate(step.our_rate)} against {format_rate(step.baseline_rate)} {step.unit}/s"
        lines.append(f"| {step.name} | {step.baseline} | {spread} | {rates} | {step.agreement} |")
    return lines


def format_rate(rate: float) -> str:
    return f"{rate:,.0f}" if rate >= 10 else f"{rate:.2g}"


def describe_machine() -> dict[str, str]:
    """The machine and the versions that the figures belong to."""
    return {
        "processor": f"{processor_name()}, {os.cpu_count()} cores,",
        "system": f"{platform.system()} {platform.machine()},",
        "versions": f"Python {platform.python_version()}, torch {torch.__version__}",
    }


def write_results(result: BenchResult, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    content = asdict(result)
    if file.exists():  # `bench finetune` adds its figures to the same file
        content |= {name: value for name, value in json.loads(file.read_text()).items() if name == "finetune"}
    file.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def read_results(file: Path) -> dict[str, Any]:
    """The ratio and rate of each step in an earlier results file. Raises JobError when it is not one."""
    try:
        steps = json.loads(file.read_text(encoding="utf-8"))["steps"]
        return {step["name"]: (step["ratio"], step["our_rate"]) for step in steps}
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = f"{file} is not a results file of `jobs bench`: give one that it wrote."
        raise JobError(reason, ErrorKind.invalid if file.is_file() else ErrorKind.not_found) from error


def compare_results(steps: list[Measurement], before: dict[str, Any], file: Path) -> list[str]:
    """New over old, below 1 is slower: the ratios compare on any machine, the rates on the same machine only."""
    lines = [f"Compared with {file} (below 1: slower now): the ratio to the baseline, and the rate"]
    for step in steps:
        if step.name in before:
            ratio, rate = before[step.name]
            lines.append(f"  {step.name:22} {step.ratio / ratio:5.2f}  {step.our_rate / rate:5.2f}")
    return lines
