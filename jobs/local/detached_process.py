"""A process that outlives the command that starts it: how it is started, and how it is ended."""

import os
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import psutil

from jobs import PROJECT
from jobs.local.unprivileged import CLOSED_UMASK, open_log
from jobs.wait import wait_until

STOP_SECONDS = 15

_started: list[subprocess.Popen[bytes]] = []  # kept, because Python warns of a child that is collected while it runs


def start_detached(arguments: list[str], log: Path, variables: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    """Start a process that outlives this one and does not get its Ctrl-C. Other users cannot read what it writes."""
    # On Windows a console of its own, without a window. DETACHED_PROCESS would let its own programs open one.
    flags = getattr(subprocess, "CREATE_NO_WINDOW", 0) | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
    with open_log(log) as output:
        child = subprocess.Popen(
            arguments,
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, **variables},
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


def end_process(process: psutil.Process) -> None:
    """End a process and its children, and wait until they are gone."""
    children: list[psutil.Process] = []
    with suppress(psutil.Error):
        children = process.children()
    for end in (process.terminate, process.kill):
        with suppress(psutil.NoSuchProcess):
            end()
        if wait_until(lambda: not process_words(process), every=0.05, at_most=STOP_SECONDS):
            break
    for each in psutil.wait_procs(children, STOP_SECONDS)[1]:
        with suppress(psutil.NoSuchProcess):
            each.kill()


def process_words(process: psutil.Process) -> list[str]:
    """The command line of a process; empty where it has ended, or is another user's."""
    try:
        return process.cmdline() if process.status() != psutil.STATUS_ZOMBIE else []
    except psutil.Error:
        return []
