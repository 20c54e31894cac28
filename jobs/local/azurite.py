"""Azurite, Microsoft's storage emulator: one process with both storage accounts, their Blob endpoints on loopback."""

import json
import os
import subprocess
import time
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import psutil

from jobs.errors import ErrorKind, JobError
from jobs.local.azurite_package import install_azurite, node_path
from jobs.local.ports import HOST, free_port
from jobs.state import write_atomically
from jobs.wait import wait_until

ACCOUNTS = ("imagenes", "lake")
# Azurite's published account key: it gives access to emulators only.
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
START_SECONDS = 30
ATTEMPTS = 3
STOP_SECONDS = 15
AUTOSAVE_SECONDS = 6  # it saves its list of blobs every 5 s, and when it gets SIGTERM
TERMINATE_KILLS = os.name == "nt"

_started: list[subprocess.Popen[bytes]] = []  # kept, because Python warns of a child that is collected while it runs


@dataclass(frozen=True)
class AzuriteServer:
    """Azurite in a folder: `data/` is its own, `process.json` holds process id and port, `log` its output."""

    folder: Path

    def url(self, account: str) -> str:
        """The Blob endpoint of an account."""
        return f"http://{HOST}:{self.read_process_file()['port']}/{account}"

    def read_process_file(self) -> dict[str, Any]:
        path = self.folder / "process.json"
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        return content

    def find_process(self) -> psutil.Process | None:
        """The running process that was started here. Process ids are used again: it must have our folder's name, too.

        Its creation time alone is not enough: it moves when the clock is set.
        """
        started = self.read_process_file()
        try:
            process = psutil.Process(started["pid"])
            ours = process.create_time() == started["created"] or str(self.folder / "data") in process.cmdline()
            same = ours and process.status() != psutil.STATUS_ZOMBIE
        except (KeyError, psutil.NoSuchProcess, psutil.AccessDenied):
            return None
        return process if same else None

    def is_running(self) -> bool:
        return self.find_process() is not None and is_azurite(self.read_process_file()["port"])

    def start(self) -> None:
        """Start it if it is not running. Raises JobError."""
        if self.is_running():
            return
        self.stop()
        (self.folder / "data").mkdir(parents=True, exist_ok=True)
        if not any(self.try_start() for _ in range(ATTEMPTS)):
            reason = f"Azurite does not start: see {self.folder / 'log'}, then run the same command again."
            raise JobError(reason, ErrorKind.unavailable)

    def try_start(self) -> bool:
        """Start it once. Returns whether it answers: it ends by itself if another program has the port by now."""
        port = free_port(self.read_process_file().get("port"))
        child = start_detached(azurite_command(port, self.folder / "data"), self.folder / "log")
        created = psutil.Process(child.pid).create_time()
        write_atomically(self.folder / "process.json", json.dumps({"pid": child.pid, "created": created, "port": port}))
        wait_until(lambda: child.poll() is not None or is_azurite(port), every=0.1, at_most=START_SECONDS)
        if child.poll() is None and is_azurite(port):
            return True
        self.stop()
        return False

    def stop(self, at_once: bool = False) -> None:
        """Stop it if it is running. `at_once`: without waiting until it has saved what is new."""
        process = self.find_process()
        if process is None:
            return
        if TERMINATE_KILLS and not at_once:
            time.sleep(AUTOSAVE_SECONDS)
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except psutil.TimeoutExpired:
            process.kill()
        for child in _started:
            child.poll()


def azurite_command(port: int, data: Path) -> list[str]:
    script = install_azurite() / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"
    # By default it rejects API versions newer than itself, and sends telemetry.
    flags = ["--silent", "--skipApiVersionCheck", "--disableTelemetry", "--location", str(data)]
    return [str(node_path()), str(script), "--blobHost", HOST, "--blobPort", str(port), *flags]


def start_detached(arguments: list[str], log: Path) -> subprocess.Popen[bytes]:
    """Start a process that outlives this one and does not get its Ctrl-C."""
    accounts = ";".join(f"{name}:{KEY}" for name in ACCOUNTS)
    # On Windows a console of its own, without a window. DETACHED_PROCESS would let its own programs open one.
    flags = getattr(subprocess, "CREATE_NO_WINDOW", 0) | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
    with log.open("wb") as output:
        child = subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, "AZURITE_ACCOUNTS": accounts},
            creationflags=flags,
            start_new_session=True,
        )
    _started.append(child)
    return child


def is_azurite(port: int) -> bool:
    """Whether Azurite answers on the port, and not another program."""
    connection = HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/")
        return str(connection.getresponse().getheader("Server")).startswith("Azurite")
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
