"""The plot of a bench: the ratios with their spread, and how each step grows."""

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from jobs.bench.growth import Growth
from jobs.bench.step import Measurement

COLOR, GOAL = "#0b6e4f", "#c0392b"


def draw_results(steps: list[Measurement], growths: list[Growth], file: Path) -> None:
    """Write a PNG."""
    figure = Figure(figsize=(12, 5), layout="constrained")
    left, right = figure.subplots(1, 2)
    draw_ratios(left, steps)
    draw_growth(right, growths)
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=110)


def draw_ratios(axes: Axes, steps: list[Measurement]) -> None:
    """Horizontal bars on a logarithmic scale, the goals as red lines."""
    shown = list(reversed(steps))
    spread = [
        [step.ratio - step.ratio_least for step in shown],
        [step.ratio_most - step.ratio for step in shown],
    ]
    axes.barh([step.name for step in shown], [step.ratio for step in shown], xerr=spread, color=COLOR, capsize=3)
    for row, step in enumerate(shown):
        axes.text(step.ratio_most * 1.1, row, f"{step.ratio:.1f}x", va="center")
        if step.goal:
            axes.plot([step.goal, step.goal], [row - 0.4, row + 0.4], color=GOAL)
    axes.set_xscale("log")
    axes.set_xlim(right=max((step.ratio_most for step in steps), default=1) * 4)
    axes.set_xlabel("times as fast as the baseline (red: goal)")
    axes.spines[["top", "right"]].set_visible(False)


def draw_growth(axes: Axes, growths: list[Growth]) -> None:
    for each in growths:
        axes.plot(each.sizes, each.seconds, marker="o", label=f"{each.name} ({each.exponent:.2f})")
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("pictures or rows")
    axes.set_ylabel("seconds")
    axes.legend(frameon=False, title="exponent")
    axes.spines[["top", "right"]].set_visible(False)
