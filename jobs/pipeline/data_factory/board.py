"""Show a run that goes on: a table on a terminal, lines in a log."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeAlias

from rich.console import Console
from rich.live import Live
from rich.table import Table

from jobs.pipeline.data_factory.queries import UNFINISHED
from jobs.pipeline.results import PipelineRun, summarize_output
from jobs.terminal import log

STYLES = {"Succeeded": "green", "Failed": "red", "Cancelled": "yellow", "InProgress": "cyan"}

Show: TypeAlias = Callable[[PipelineRun], None]


@contextmanager
def open_board() -> Iterator[Show]:
    """The function that shows a run, for the length of the block. Call it with the result of each poll."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield ChangeLog().show
        return
    board = LiveTable()
    with Live(console=console, get_renderable=board.table, refresh_per_second=1, transient=True):
        yield board.show


class ChangeLog:
    """Logs a line for each status that has changed since the poll before."""

    def __init__(self) -> None:
        self._last: dict[str, str] = {}

    def show(self, run: PipelineRun) -> None:
        lines = {run.pipeline: run.status}
        for each in run.activities:
            lines[each.name] = ", ".join(filter(None, (each.status, summarize_output(each.output))))
        for name, line in lines.items():
            if self._last.get(name) != line:
                log(f"{name}: {line}")
        self._last = lines


class LiveTable:
    """The result of the latest poll. The durations of running activities go on between two polls."""

    def __init__(self) -> None:
        self._run: PipelineRun | None = None
        self._polled_at = time.monotonic()

    def show(self, run: PipelineRun) -> None:
        self._run, self._polled_at = run, time.monotonic()

    def table(self) -> Table:
        table = Table("Activity", "Status", "Duration", "So far", title_justify="left")
        run = self._run
        if run is None:
            return table
        table.title = f"{run.pipeline}: {run.status}"
        for each in run.activities:
            elapsed = time.monotonic() - self._polled_at if each.status in UNFINISHED else 0
            duration = timedelta(seconds=round(each.duration + elapsed))
            style = STYLES.get(each.status, "")
            table.add_row(each.name, each.status, str(duration), summarize_output(each.output), style=style)
        return table
