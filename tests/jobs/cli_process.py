"""The command line of the jobs as a program and as a person at a terminal meet it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

# Ctrl-C reaches the command even where the tests themselves run in the background, and are deaf to it.
COMMAND = (
    "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from jobs.entry import main; sys.exit(main(sys.argv[1:]))"
)
LONGEST_SECONDS = 60


def jobs(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run `python -m jobs` to its end; nobody sits at a terminal."""
    words = [sys.executable, "-m", "jobs", *arguments]
    done = subprocess.run(words, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def written(file: Path, outputs: dict[str, Any]) -> Path:
    """A file for --outputs."""
    file.write_text(json.dumps(outputs))
    return file


class Terminal:
    """A command with a person at its terminal: stdin and stderr are the terminal, stdout is not."""

    def __init__(self, *arguments: str) -> None:
        own, its = os.openpty()
        environment = {**os.environ, "TERM": "xterm", "COLUMNS": "200"}
        self._process = subprocess.Popen(
            [sys.executable, "-c", COMMAND, *arguments],
            stdin=its,
            stderr=its,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        os.close(its)
        self._own = own
        self.seen = ""
        self._reader = Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._own, 4096)
            except OSError:  # Linux says so when the command has ended
                return
            if not data:
                return
            self.seen += data.decode(errors="replace")

    def wait(self, text: str) -> None:
        """Wait until the person sees a text."""
        until(lambda: text in self.seen, lambda: f"{text!r} is not in {self.seen!r}")

    def interrupt(self) -> None:
        self._process.send_signal(signal.SIGINT)

    def type(self, line: str) -> None:
        os.write(self._own, line.encode())

    def end(self) -> tuple[int, str]:
        """The exit status, and what stood on stdout."""
        out, _ = self._process.communicate(timeout=LONGEST_SECONDS)
        assert "Traceback" not in self.seen
        return self._process.returncode, out

    def close(self) -> None:
        """End what a failed test has left."""
        self._process.kill()
        self._process.communicate()
        self._reader.join()
        os.close(self._own)


def until(true: Callable[[], bool], why: Callable[[], str]) -> None:
    deadline = time.monotonic() + LONGEST_SECONDS
    while not true():
        assert time.monotonic() < deadline, why()
        time.sleep(0.02)
