"""What a person sees: results on stdout, progress and failures on stderr (a bar, or plain lines for a log)."""

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
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from jobs.progress import Meter

Advance: TypeAlias = Callable[[int], None]


class Rate(ProgressColumn):
    """Pieces of work a second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.finished_speed or task.speed or 0:,.0f}/s", style="cyan")


@contextmanager
def progress(label: str, total: int | None) -> Iterator[Advance]:
    """Show how far a piece of work has come; the block calls the function it is given with the steps it took."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield Meter(lambda line: log(f"{label}: {line}"), "", total).advance
        return
    columns = (TextColumn("{task.description:>12}"), BarColumn(), MofNCompleteColumn(), Rate(), TimeRemainingColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(label, total=total)
        yield lambda steps: bar.advance(task, steps)


class Summarizable(Protocol):
    """A job's result: a dataclass that can tell itself in a few lines."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    def summary(self) -> str: ...


def print_result(result: Summarizable, as_json: bool) -> None:
    """A job's result on stdout: one JSON object, or lines for a person."""
    text = json.dumps(asdict(result), default=str) if as_json else result.summary()
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def report_error(sentence: str, as_json: bool) -> None:
    """Why a command failed: for the person on stderr, and for a program as {"error": ...} on stdout too."""
    log(sentence)
    if as_json:
        sys.stdout.write(json.dumps({"error": sentence}) + "\n")


def replace_closed_streams() -> None:
    """Write into nothing where whoever started this has closed a stream: Python has None in its place then."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            nothing = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - as long as the program lives
            setattr(sys, name, nothing)


def escape_unencodable() -> None:
    """Write letters that the terminal's encoding lacks as escapes: a file's name must not end a run."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def log(line: str) -> None:
    """A line for the person, on stderr: stdout is for results."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
