"""Azurite, Microsoft's storage emulator: one process with both storage accounts, their Blob endpoints on loopback."""

import base64
import json
import os
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from jobs.errors import ErrorKind, JobError
from jobs.local.azurite_process import (
    PORT_OPTION,
    azurite_command,
    collect_ended,
    is_azurite,
    process_words,
    start_detached,
)
from jobs.local.emulator import save_emulator
from jobs.local.ports import HOST, free_port
from jobs.local.postmaster import ENDED, STOPPED, UNKNOWN_SILENCE, continue_process, is_stopped
from jobs.state import write_atomically
from jobs.wait import wait_until

# Azurite's published account key, which every user of this computer knows. An installation has a key of its own, from
# the first start on: an emulator that an older version started still has this one.
PUBLISHED_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
START_SECONDS = 30
ANSWER_SECONDS = 90
ATTEMPTS = 3
STOP_SECONDS = 15
SAVE_SECONDS = 60
AUTOSAVE_SECONDS = 6  # it saves its lists of blobs every 5 s, when it gets SIGTERM, and when it is asked to
TERMINATE_KILLS = os.name == "nt"


@dataclass(frozen=True)
class AzuriteServer:
    """Azurite in a folder: `data/` is its own, `process.json` holds process id and port, `log` its output, `key` both
    accounts' key."""

    folder: Path

    def url(self, account: str) -> str:
        """The Blob endpoint of an account."""
        return f"http://{HOST}:{self.port()}/{account}"

    def key(self) -> str:
        """The key of both accounts."""
        return file.read_text(encoding="utf-8") if (file := self.folder / "key").exists() else PUBLISHED_KEY

    def make_folder(self) -> None:
        """Make the folder, closed to other users, and the key where there is none yet."""
        for folder in (self.folder, self.folder / "data"):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
        if not (self.folder / "key").exists():
            write_atomically(self.folder / "key", base64.b64encode(secrets.token_bytes(64)).decode())

    def port(self) -> int | None:
        """The port of the running process, which its command line names; else that of the last time."""
        process = self.find_process()
        words = process_words(process) if process else []
        named = words[words.index(PORT_OPTION) + 1] if PORT_OPTION in words[:-1] else ""
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
        """Whether a process is an Azurite whose command line names our folder."""
        words = process_words(process)
        return str(self.folder / "data") in words and PORT_OPTION in words

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
        return None if port and is_azurite(port) else UNKNOWN_SILENCE.format(reason=f"port {port}")

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
            raise JobError(f"Azurite: {silence}.", ErrorKind.unavailable)
        process = self.find_process()
        if process and self.read_process_file().get("port") != self.port():
            self.record(process)

    def ensure_process(self) -> None:
        """Start it if its process does not live. Raises JobError, which says why it does not start."""
        if self.find_process() is not None:
            return
        self.make_folder()
        if not any(self.try_start() for _ in range(ATTEMPTS)):
            reason = f"Azurite does not start: see {self.folder / 'log'}, then run the same command again."
            raise JobError(reason, ErrorKind.unavailable)

    def record(self, process: psutil.Process, port: int | None = None) -> None:
        """Write down which process runs, and its port."""
        content = {"pid": process.pid, "created": process.create_time(), "port": port or self.port()}
        write_atomically(self.folder / "process.json", json.dumps(content))

    def try_start(self) -> bool:
        """Start it once. Returns whether it answers: it ends by itself if another program has the port by now."""
        port = free_port(self.read_process_file().get("port"))
        child = start_detached(azurite_command(port, self.folder / "data"), self.folder / "log", self.key())
        self.record(psutil.Process(child.pid), port)
        wait_until(lambda: child.poll() is not None or is_azurite(port), every=0.1, at_most=START_SECONDS)
        if child.poll() is None and is_azurite(port):
            return True
        self.stop()
        return False

    def is_saved(self) -> bool:
        """Let it write what is new to the disk. Returns whether it did."""
        with suppress(JobError):
            return save_emulator(f"http://{HOST}:{self.port()}", SAVE_SECONDS)
        return False

    def stop(self, at_once: bool = False) -> None:
        """Stop it if it is running. `at_once`: without waiting until it has saved what is new."""
        if (process := self.find_process()) is None:
            return
        continue_process(process)
        if TERMINATE_KILLS and not at_once and not self.is_saved():
            time.sleep(AUTOSAVE_SECONDS)
        for end in (process.terminate, process.kill):
            with suppress(psutil.NoSuchProcess):
                end()
            if wait_until(lambda: not process_words(process), every=0.05, at_most=STOP_SECONDS):
                break
        collect_ended()
