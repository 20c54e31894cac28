"""Run the command line in a process: without a terminal, or with a user at one."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

# SIGINT has its handler even where the tests run in the background, and ignore it.
COMMAND = (
    "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from jobs.entry import main; sys.exit(main(sys.argv[1:]))"
)
LONGEST_SECONDS = 60


def run_jobs(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run `python -m jobs` to its end, without a terminal."""
    words = [sys.executable, "-m", "jobs", *arguments]
    process = subprocess.run(words, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert "Traceback" not in process.stderr, process.stderr
    return process


def without_waits(stderr: str) -> list[str]:
    """The lines of stderr without those of `say_if_slow`, which depend on how busy the machine is."""
    return [line for line in stderr.splitlines() if not re.search(r" \.\.\.( \d+ s)?$", line)]


def write_outputs(file: Path, outputs: dict[str, Any]) -> Path:
    """Write a file for --outputs."""
    file.write_text(json.dumps(outputs))
    return file


class Terminal:
    """A command at a terminal: stdin and stderr are the terminal, stdout is a pipe."""

    def __init__(self, *arguments: str) -> None:
        master, slave = os.openpty()
        environment = {**os.environ, "TERM": "xterm", "COLUMNS": "200"}
        self._process = subprocess.Popen(
            [sys.executable, "-c", COMMAND, *arguments],
            stdin=slave,
            stderr=slave,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        os.close(slave)
        self._master = master
        self.screen = ""
        self._reader = Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._master, 4096)
            except OSError:  # Linux reports an error when the command has ended
                return
            if not data:
                return
            self.screen += data.decode(errors="replace")

    def wait_for(self, text: str) -> None:
        """Wait until a text is on the screen."""
        wait_for(lambda: text in self.screen, lambda: f"{text!r} is not in {self.screen!r}")

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self._process.send_signal(signal.SIGINT)

    def type(self, line: str) -> None:
        os.write(self._master, line.encode())

    def finish(self) -> tuple[int, str]:
        """Wait for the end. Returns the exit status and stdout."""
        out, _ = self._process.communicate(timeout=LONGEST_SECONDS)
        assert "Traceback" not in self.screen
        return self._process.returncode, out

    def close(self) -> None:
        """Kill the command if a failed test has left it running."""
        self._process.kill()
        self._process.communicate()
        self._reader.join()
        os.close(self._master)


def wait_for(check: Callable[[], bool], why: Callable[[], str]) -> None:
    """Wait until `check` is true, at most LONGEST_SECONDS. `why` is the message if it stays false."""
    deadline = time.monotonic() + LONGEST_SECONDS
    while not check():
        assert time.monotonic() < deadline, why()
        time.sleep(0.02)
