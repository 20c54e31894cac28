"""A run as a person watches it: a table on a terminal, lines in a log."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeAlias

from rich.console import Console
from rich.live import Live
from rich.table import Table

from jobs.pipeline.data_factory.queries import UNFINISHED
from jobs.pipeline.results import PipelineRun, figures
from jobs.terminal import log

STYLES = {"Succeeded": "green", "Failed": "red", "Cancelled": "yellow", "InProgress": "cyan"}

Show: TypeAlias = Callable[[PipelineRun], None]


@contextmanager
def open_board() -> Iterator[Show]:
    """The block calls what it is given with each look."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield Lines().show
        return
    board = LiveTable()
    with Live(console=console, get_renderable=board.table, refresh_per_second=1, transient=True):
        yield board.show


class Lines:
    """What has changed since the look before."""

    def __init__(self) -> None:
        self._last: dict[str, str] = {}

    def show(self, run: PipelineRun) -> None:
        told = {run.pipeline: run.status}
        for each in run.activities:
            told[each.name] = ", ".join(filter(None, (each.status, figures(each.output))))
        for name, line in told.items():
            if self._last.get(name) != line:
                log(f"{name}: {line}")
        self._last = told


class LiveTable:
    """The latest look; what still runs gets older between two looks."""

    def __init__(self) -> None:
        self._run: PipelineRun | None = None
        self._at = time.monotonic()

    def show(self, run: PipelineRun) -> None:
        self._run, self._at = run, time.monotonic()

    def table(self) -> Table:
        table = Table("Activity", "Status", "Duration", "So far", title_justify="left")
        run = self._run
        if run is None:
            return table
        table.title = f"{run.pipeline}: {run.status}"
        for each in run.activities:
            older = time.monotonic() - self._at if each.status in UNFINISHED else 0
            duration = timedelta(seconds=round(each.duration + older))
            style = STYLES.get(each.status, "")
            table.add_row(each.name, each.status, str(duration), figures(each.output), style=style)
        return table
