"""The steps of a demo: run, logged, and kept for its page."""

import time
from collections.abc import Callable
from typing import TypeVar

from jobs.report.page import Step
from jobs.terminal import log

T = TypeVar("T")


class StepRecorder:
    """Runs steps, logs each, and keeps them for the page. `line` is how a step is logged, with `title` and `did`."""

    def __init__(self, line: str = "{title:10} {did}") -> None:
        self.line = line
        self.steps: list[Step] = []

    def run_step(self, title: str, work: Callable[[], T], describe: Callable[[T], str]) -> T:
        """Run a step. Returns its result."""
        started = time.perf_counter()
        result = work()
        step = Step(title=title, did=describe(result), seconds=time.perf_counter() - started)
        log(f"{self.line.format(title=step.title, did=step.did)} ({step.seconds:.1f} s)")
        self.steps.append(step)
        return result
