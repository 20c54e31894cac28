"""A server that a command starts and leaves running: its process is started, found again, and stopped.

Azurite and the endpoint of fine-tuned models are such servers.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, ClassVar

import psutil

from jobs.errors import ErrorKind, JobError
from jobs.local.detached_process import collect_ended, end_process, process_words, start_detached
from jobs.local.ports import HOST, free_port
from jobs.local.postmaster import ENDED, STOPPED, UNKNOWN_SILENCE, continue_process, is_stopped
from jobs.state import write_atomically
from jobs.wait import wait_until

START_SECONDS = 60
ANSWER_SECONDS = 90
ATTEMPTS = 3


@dataclass(frozen=True)
class DetachedServer(ABC):
    """The server of a folder: `process.json` holds process id, creation time and port, `log` its output.

    A class of servers has a `title` for sentences, the `banner` that the header Server of its answers begins with, and
    the `port_option` of its command line.
    """

    folder: Path
    title: ClassVar[str]
    banner: ClassVar[str]
    port_option: ClassVar[str]

    @abstractmethod
    def command(self, port: int) -> list[str]:
        """The command line, with `place` and `port_option` among its words."""

    @abstractmethod
    def place(self) -> Path:
        """The path in its command line by which its process is found."""

    @abstractmethod
    def make_folder(self) -> None:
        """Make what it needs to start, where that is missing."""

    def variables(self) -> Mapping[str, str]:
        """What its environment has more than this process's."""
        return {}

    def port(self) -> int | None:
        """The port of the running process, which its command line names; else that of the last time."""
        process = self.find_process()
        words = process_words(process) if process else []
        named = words[words.index(self.port_option) + 1] if self.port_option in words[:-1] else ""
        recorded = self.read_process_file().get("port")
        return int(named) if named.isdecimal() else recorded if isinstance(recorded, int) else None

    def read_process_file(self) -> dict[str, Any]:
        """What was recorded at the last start: `pid`, `created`, `port`. Empty where the file is missing or damaged."""
        try:
            content = json.loads((self.folder / "process.json").read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}

    def find_process(self) -> psutil.Process | None:
        """The running process that was started here: the recorded one, else any whose command line names our folder.

        Process ids are used again, and a creation time moves when the clock is set: neither alone is enough.
        """
        started = self.read_process_file()
        try:
            process = psutil.Process(started["pid"])
            ours = process.create_time() == started["created"] or self.is_named_by(process)
            if ours and process.status() != psutil.STATUS_ZOMBIE:
                return process
        except (KeyError, TypeError, ValueError, OverflowError, psutil.NoSuchProcess, psutil.AccessDenied):
            pass
        return next((process for process in psutil.process_iter() if self.is_named_by(process)), None)

    def is_named_by(self, process: psutil.Process) -> bool:
        """Whether the command line of a process is that of our server."""
        words = process_words(process)
        return str(self.place()) in words and self.port_option in words

    def answers(self, port: int | None) -> bool:
        """Whether it answers on a port, and not another program."""
        connection = HTTPConnection(HOST, port or 0, timeout=5)
        try:
            connection.request("GET", "/")
            return str(connection.getresponse().getheader("Server")).startswith(self.banner)
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def silence(self) -> str | None:
        """Why it does not answer, and what to do; None where it answers."""
        process, port = self.find_process(), self.port()
        if process is None:
            return ENDED
        try:
            if is_stopped(process):
                return STOPPED.format(pid=process.pid)
        except psutil.NoSuchProcess:
            return ENDED
        return None if self.answers(port) else UNKNOWN_SILENCE.format(reason=f"port {port}")

    def start(self) -> None:
        """Start it if it is not running. A process that does not answer is waited for. Raises JobError."""
        silence: str | None = None

        def has_answered() -> bool:
            nonlocal silence
            self.ensure_process()  # it may end while this waits
            silence = self.silence()
            return silence is None

        wait_until(has_answered, every=0.5, at_most=ANSWER_SECONDS)
        if silence:
            raise JobError(f"{self.title}: {silence}.", ErrorKind.unavailable)
        process = self.find_process()
        if process and self.read_process_file().get("port") != self.port():
            self.record(process, self.port())

    def ensure_process(self) -> None:
        """Start it if its process does not live. Raises JobError, which says why it does not start."""
        if self.find_process() is not None:
            return
        self.make_folder()
        if not any(self.try_start() for _ in range(ATTEMPTS)):
            reason = f"{self.title} does not start: see {self.folder / 'log'}, then run the same command again."
            raise JobError(reason, ErrorKind.unavailable)

    def record(self, process: psutil.Process, port: int | None) -> None:
        """Write down which process runs, and its port."""
        content = {"pid": process.pid, "created": process.create_time(), "port": port}
        write_atomically(self.folder / "process.json", json.dumps(content))

    def try_start(self) -> bool:
        """Start it once. Returns whether it answers: it ends by itself if another program has the port by now."""
        port = free_port(self.read_process_file().get("port"))
        child = start_detached(self.command(port), self.folder / "log", self.variables())
        self.record(psutil.Process(child.pid), port)
        wait_until(lambda: child.poll() is not None or self.answers(port), every=0.1, at_most=START_SECONDS)
        if child.poll() is None and self.answers(port):
            return True
        self.stop()
        return False

    def stop(self) -> None:
        """Stop it and its children if it is running."""
        if process := self.find_process():
            continue_process(process)
            end_process(process)
        collect_ended()
