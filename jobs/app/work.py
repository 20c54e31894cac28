"""The one command that the page runs: the command line itself, in a process of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from threading import Lock, Thread
from typing import Any

from jobs.app.desk import Desk, Setup

MOST_LINES = 200
JOIN_SECONDS = 0.5  # Windows looks at Ctrl-C only between two waits
LOCAL_COMMANDS = ("verify", "index", "run-pipeline", "demo")
STACK_COMMANDS = ("verify", "index", "run-pipeline", "pause", "resume")
TYPED = ("pause", "resume")  # they ask for the stack's name
CHANGING = ("index", "run-pipeline", "pause", "resume")  # on a stack: with --operate only


@dataclass
class Run:
    """A command that was started: its lines on stderr, and when it has ended its status and the object of --json."""

    command: str
    words: list[str]
    process: "subprocess.Popen[str]"
    started: float = field(default_factory=time.monotonic)
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=MOST_LINES))
    result: dict[str, Any] = field(default_factory=dict)
    status: int | None = None
    seconds: float = 0.0
    stopping: bool = False

    @property
    def is_running(self) -> bool:
        return self.status is None

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self.started if self.is_running else self.seconds


class Work:
    """Runs one command at a time. A second start finds the first."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._lock = desk, Lock()
        self.current: Run | None = None
        self._waiter: Thread | None = None
        self._closed = False

    def commands(self) -> tuple[str, ...]:
        """The commands that a page may start here."""
        setup = self._desk.setup
        allowed = setup.is_local or setup.operate
        return tuple(name for name in names_of_commands(setup) if allowed or name not in CHANGING)

    def words(self, command: str) -> list[str]:
        """The whole command line, without the program."""
        if command == "demo":
            return ["demo", "--json", "--report", str(self._desk.own_folder / "report")]
        return [command, "--json", *self._desk.setup.flags()]

    def start(self, command: str) -> Run:
        """Start a command of `commands`; or the one that runs already, which is returned."""
        with self._lock:
            if self.current and self.current.is_running:
                return self.current
            words = self.words(command)
            folder = self._desk.own_folder if command == "demo" else os.environ.get("JOBS_LOCAL", "")
            self.current = run = Run(command, words, start_process(words, str(folder)))
            self._waiter = Thread(target=self._wait, args=(run,), daemon=True)
            self._waiter.start()
        return run

    def stop(self) -> None:
        """Ask the command that runs to stop."""
        with self._lock:
            run = self.current
            if run and run.is_running:
                run.stopping = True
                stop_process(run.process)

    def close(self) -> None:
        """Stop the command that runs, and wait until it has ended: it may still write."""
        self._closed = True
        self.stop()
        while self._waiter and self._waiter.is_alive():
            self._waiter.join(JOIN_SECONDS)

    def _wait(self, run: Run) -> None:
        """Read the result, and open again what the command may have changed."""
        reader = Thread(target=keep_lines, args=(run,), daemon=True)
        reader.start()
        with run.process as process:
            text = process.stdout.read() if process.stdout else ""
            reader.join()
        status = run.process.returncode
        run.result = parse_object(text)
        run.seconds = time.monotonic() - run.started
        changed = run.command == "demo" or (run.command in CHANGING and status == 0)
        if changed and not self._closed:
            self._desk.begin()  # before the command has ended for the page, which opens the search then
        run.status = status
        if changed and not self._closed:
            self._desk.warm_up(demo=run.command == "demo" or self._desk.shows_demo)


def names_of_commands(setup: Setup) -> tuple[str, ...]:
    """The commands that the pages show. Outputs without the name of their stack can be neither paused nor resumed."""
    if setup.is_local:
        return LOCAL_COMMANDS
    return tuple(name for name in STACK_COMMANDS if setup.target != "local" or name not in TYPED)


def start_process(words: list[str], folder: str) -> "subprocess.Popen[str]":
    """Start `python -m jobs` with these words and this state folder, in a process group of its own.

    It gets as many threads as it wants: the application itself limits its own to one.
    """
    environment = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    if folder:
        environment["JOBS_LOCAL"] = folder
    group = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP} if os.name == "nt" else {"start_new_session": True}  # type: ignore[attr-defined,unused-ignore]
    return subprocess.Popen(
        [sys.executable, "-m", "jobs", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        env=environment | {"PYTHONIOENCODING": "utf-8"},
        **group,
    )


def stop_process(process: "subprocess.Popen[str]") -> None:
    """Ask a process of `start_process` to stop, as Ctrl-C does. SIGINT may be ignored: shells in the background do."""
    process.send_signal(signal.CTRL_BREAK_EVENT if os.name == "nt" else signal.SIGTERM)  # type: ignore[attr-defined,unused-ignore]


def keep_lines(run: Run) -> None:
    """Keep the last lines that a command prints on stderr."""
    for line in run.process.stderr or ():
        run.lines.append(line.rstrip("\n"))


def parse_object(text: str) -> dict[str, Any]:
    """The object that a command printed; empty if it printed none."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
