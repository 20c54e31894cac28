"""The process of Azurite: how it is started, and how it is found."""

import os
import subprocess
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import psutil

from jobs.local.azurite_package import install_azurite, node_path
from jobs.local.ports import HOST
from jobs.local.unprivileged import CLOSED_UMASK, open_log

ACCOUNTS = ("imagenes", "lake")
PORT_OPTION = "--blobPort"

_started: list[subprocess.Popen[bytes]] = []  # kept, because Python warns of a child that is collected while it runs


def azurite_command(port: int, data: Path) -> list[str]:
    script = install_azurite() / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"
    save_now = Path(__file__).parent / "azurite" / "save_now.js"
    # By default it rejects API versions newer than itself, and sends telemetry.
    flags = ["--silent", "--skipApiVersionCheck", "--disableTelemetry", "--location", str(data)]
    return [
        str(node_path()),
        "--require",
        str(save_now),
        str(script),
        "--blobHost",
        HOST,
        PORT_OPTION,
        str(port),
        *flags,
    ]


def start_detached(arguments: list[str], log: Path, key: str) -> subprocess.Popen[bytes]:
    """Start a process that outlives this one and does not get its Ctrl-C. Other users cannot read what it writes."""
    accounts = ";".join(f"{name}:{key}" for name in ACCOUNTS)
    # On Windows a console of its own, without a window. DETACHED_PROCESS would let its own programs open one.
    flags = getattr(subprocess, "CREATE_NO_WINDOW", 0) | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
    with open_log(log) as output:
        child = subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, "AZURITE_ACCOUNTS": accounts},
            creationflags=flags,
            start_new_session=True,
            umask=CLOSED_UMASK,
        )
    _started.append(child)
    return child


def collect_ended() -> None:
    """Take the exit status of those that have ended: none stays as a zombie."""
    for child in _started:
        child.poll()


def process_words(process: psutil.Process) -> list[str]:
    """The command line of a process; empty where it has ended, or is another user's."""
    try:
        return process.cmdline() if process.status() != psutil.STATUS_ZOMBIE else []
    except psutil.Error:
        return []


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
