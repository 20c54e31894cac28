"""Say what a command waits for: nothing is silent for more than two seconds."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape

from jobs.lines import escape_name, write_lines
from jobs.wait import backoff

FIRST_SECONDS = 1.0
REPEAT_SECONDS = 10.0  # and then at growing intervals: a pipeline runs for hours
LONGEST_SECONDS = 300.0
THREAD = "waits"

_waits: list["Wait"] = []  # innermost last


class Wait:
    """A text that appears if the work takes long: as a spinner at a terminal, as lines in a log."""

    def __init__(self, text: str) -> None:
        self.text, self.ended = escape_name(text), threading.Event()
        self.thread = threading.Thread(target=self.show, name=THREAD, daemon=True)

    def show(self) -> None:
        """Wait FIRST_SECONDS, then show the text until `end` is called."""
        if self.ended.wait(FIRST_SECONDS):
            return
        console = Console(stderr=True)
        if console.is_terminal:
            with console.status(escape(self.text), spinner="line"):  # ASCII: every terminal has it
                self.ended.wait()
            return
        write_line(f"{self.text} ...")
        seconds = FIRST_SECONDS
        for pause in backoff(REPEAT_SECONDS, LONGEST_SECONDS):
            if self.ended.wait(pause):
                return
            seconds += pause
            write_line(f"{self.text} ... {seconds:.0f} s")

    def end(self) -> None:
        self.ended.set()
        self.thread.join()


def write_line(line: str) -> None:
    write_lines(sys.stderr, line)


@contextmanager
def say_if_slow(text: str) -> Iterator[None]:
    """Say `text` on stderr if the block takes more than FIRST_SECONDS. A progress bar in the block takes its place.

    Also a decorator of a function.
    """
    end_waits()
    wait = Wait(text)
    wait.thread.start()
    _waits.append(wait)
    try:
        yield
    finally:
        wait.end()
        _waits.remove(wait)


def end_waits() -> None:
    """End what is shown: a terminal shows one spinner or bar at a time."""
    for wait in _waits:
        wait.end()
