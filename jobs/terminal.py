"""What a user sees: results on stdout; progress and errors on stderr, as a bar at a terminal or as lines in a log."""

import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import Field, asdict
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeAlias

from rich.console import Console
from rich.markup import escape as escape_markup
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.text import Text

from jobs.errors import JobError
from jobs.lines import escape_fields, escape_logs, escape_name, write_lines
from jobs.notice import end_waits
from jobs.progress import Meter

Advance: TypeAlias = Callable[[int], None]


class Rate(ProgressColumn):
    """The rate: pieces of work per second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.finished_speed or task.speed or 0:,.0f}/s", style="cyan")


@contextmanager
def progress(label: str, total: int | None, unit: str = "") -> Iterator[Advance]:
    """Show the progress of some work. Yields a function: call it with the number of steps just done.

    The `unit` "bytes" is shown in kB and MB.
    """
    end_waits()
    label, console = escape_name(label), Console(stderr=True)
    if not console.is_terminal:
        if unit:
            log(label)
        yield Meter(lambda line: log(f"{label}: {line}"), unit, total).advance
        return
    counts = (DownloadColumn(), TransferSpeedColumn()) if unit == "bytes" else (MofNCompleteColumn(), Rate())
    columns = (TextColumn("{task.description:>12}"), BarColumn(), *counts, TimeRemainingColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(escape_markup(label), total=total)
        yield lambda steps: bar.advance(task, steps)


class Summarizable(Protocol):
    """A job's result: a dataclass with a summary for people. Its fields are the keys of `--json`."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    def summary(self) -> str: ...


def print_result(result: Summarizable, as_json: bool) -> None:
    """Print a job's result on stdout: one JSON object, or its summary."""
    write_lines(sys.stdout, json.dumps(asdict(result), default=str) if as_json else summarize(result))


def summarize(result: Summarizable) -> str:
    """The summary of a result, one foreign text never more than a part of a line."""
    return escape_fields(result).summary()


def report_error(error: JobError, as_json: bool) -> None:
    """Print why a command failed on stderr, and for scripts also {"error": ..., "kind": ...} on stdout."""
    log(str(error))
    if as_json:
        write_lines(sys.stdout, json.dumps({"error": str(error), "kind": error.kind, **error.details}))


def replace_closed_streams() -> None:
    """Open the null device for each standard stream that was closed before Python started: it is None then."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            null = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - open until the program ends
            setattr(sys, name, null)


def escape_unprintable() -> None:
    """Escape characters that the terminal's encoding lacks, for a name must not end a run, and those that it obeys.

    What is read and is not in that encoding must not end one either.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    escape_logs()


def write_part(text: str) -> None:
    """Show a part of an answer on stdout at once."""
    write_lines(sys.stdout, text, end="")


def log(line: str) -> None:
    """Print a line for the user on stderr: stdout is for results."""
    write_lines(sys.stderr, escape_name(line))


def log_summary(result: Summarizable) -> None:
    """Print a summary on stderr, where more than one result is shown."""
    write_lines(sys.stderr, summarize(result))


def ask(question: str) -> bool:
    """Ask the user on stderr. Returns whether the answer is yes. Raises typer.Abort at Ctrl-C or without one."""
    import typer

    return typer.confirm(escape_name(question), err=True)
