"""The endpoint of fine-tuned models: one process on loopback, and a child of it for each deployment.

What it serves is in the folder that it is started with (`jobs/finetune/serving/server.py`). It runs until `local down`.
"""

import json
import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import psutil

from jobs import PROJECT
from jobs.errors import ErrorKind, JobError
from jobs.local.azurite_process import process_words
from jobs.local.ports import HOST, free_port
from jobs.state import state_folder, write_atomically
from jobs.wait import wait_until

MODULE = "jobs.finetune.serving.server"
SERVER = "vector-lake-finetune"  # the header Server of its answers
START_SECONDS, STOP_SECONDS = 60, 15

_started: list[subprocess.Popen[bytes]] = []  # kept, because Python warns of a child that is collected while it runs


def endpoint_folder() -> Path:
    return state_folder() / "finetune" / "endpoint"


@dataclass(frozen=True)
class EndpointServer:
    """The server of a folder: `state.json` says what it serves, `process.json` its process and port, `key` its key."""

    folder: Path

    def exists(self) -> bool:
        return (self.folder / "state.json").exists()

    def read_process_file(self) -> dict[str, Any]:
        try:
            content = json.loads((self.folder / "process.json").read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}

    def port(self) -> int | None:
        """The port of the running process, which its command line names; else that of the last time."""
        process = self.find_process()
        words = process_words(process) if process else []
        recorded = self.read_process_file().get("port")
        return int(words[-1]) if words else recorded if isinstance(recorded, int) else None

    def url(self) -> str | None:
        """The URL of /score where it runs, else None."""
        return f"http://{HOST}:{self.port()}/score" if self.find_process() and self.answers() else None

    def find_process(self) -> psutil.Process | None:
        """The running server of this folder: the recorded process, else any whose command line names the folder."""
        recorded = self.read_process_file().get("pid")
        with suppress(psutil.Error, TypeError, ValueError, OverflowError):
            process = psutil.Process(recorded)
            if self.is_named_by(process):
                return process
        return next((process for process in psutil.process_iter() if self.is_named_by(process)), None)

    def is_named_by(self, process: psutil.Process) -> bool:
        words = process_words(process)
        return MODULE in words and str(self.folder) in words

    def answers(self) -> bool:
        connection = HTTPConnection(HOST, self.port() or 0, timeout=5)
        try:
            connection.request("GET", "/")
            return str(connection.getresponse().getheader("Server")).startswith(SERVER)
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def start(self) -> None:
        """Start it if it is not running. Raises JobError."""
        if self.find_process() and wait_until(self.answers, every=0.2, at_most=START_SECONDS):
            return
        self.stop()
        port = free_port(self.port())
        child = start_server(self.folder, port)
        record = {"pid": child.pid, "port": port}
        write_atomically(self.folder / "process.json", json.dumps(record))
        if not wait_until(lambda: child.poll() is not None or self.answers(), every=0.1, at_most=START_SECONDS):
            self.stop()
        if not self.answers():
            reason = f"The endpoint does not start: see {self.folder / 'log'}, then run the same command again."
            raise JobError(reason, ErrorKind.unavailable)

    def stop(self) -> None:
        """Stop it if it is running. Its children end with it."""
        process = self.find_process()
        if process is not None:
            self.end(process)
        for started in _started:
            started.poll()

    def end(self, process: psutil.Process) -> None:
        """End a server and its children, and wait until they are gone."""
        children: list[psutil.Process] = []
        with suppress(psutil.Error):
            children = process.children()
        for end in (process.terminate, process.kill):
            with suppress(psutil.NoSuchProcess):
                end()
            if wait_until(lambda: not process_words(process), every=0.05, at_most=STOP_SECONDS):
                break
        _, alive = psutil.wait_procs(children, STOP_SECONDS)
        for each in alive:
            with suppress(psutil.NoSuchProcess):
                each.kill()


def start_server(folder: Path, port: int) -> "subprocess.Popen[bytes]":
    """Start a process that outlives this one and does not get its Ctrl-C. Its key is in a file, not in its words."""
    flags = getattr(subprocess, "CREATE_NO_WINDOW", 0) | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
    with (folder / "log").open("ab") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", MODULE, str(folder), str(port)],
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            creationflags=flags,
            start_new_session=True,
            umask=-1 if os.name == "nt" else 0o077,
        )
    _started.append(child)
    return child
