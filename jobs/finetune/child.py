"""Run a file of carried/, or a module, in a process of its own: torch stays out of this one, and a kill ends both."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import psutil

from jobs import PROJECT
from jobs.errors import ErrorKind, JobError, StoppedError
from jobs.finetune.folder import carried_folder
from jobs.interrupts import uninterrupted
from jobs.requirements import explain_missing_module
from jobs.state import write_atomically
from jobs.wait import wait_until

Event: TypeAlias = dict[str, Any]
SMALL_BYTES = 50 * 2**20
DONE, REFUSED, STOPPED, DISK_FULL = 0, 3, 4, 5  # of train.py
FULL_DISK = (
    "The disk of {folder} is full: free some space, then run the same command again, which goes on from the last "
    "checkpoint."
)
END_SECONDS = 90.0  # a step of a large model, and its checkpoint
QUIET = {"HF_HUB_DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "1", "PYTHONUTF8": "1", "TOKENIZERS_PARALLELISM": "false"}
NEEDED = ("transformers", "trl", "peft", "datasets", "mlflow")


def check_packages() -> None:
    """Raise JobError, which names the file of requirements, where a package is not installed. It imports none."""
    import importlib.util

    for name in NEEDED:
        if importlib.util.find_spec(name) is None:
            raise JobError(explain_missing_module(name), ErrorKind.unavailable)


def run_child(
    words: Sequence[str], log: Path, on_event: Callable[[Event], None] | None = None, model: Path | None = None
) -> None:
    """Run `python WORDS` to its end. Each line of its stdout is an event. Raises JobError with its sentence.

    `model` is the folder that it loads; None: it asks the hub.

    Ctrl-C here closes its stdin: it saves what it has, and ends. So it does where this process is killed.
    """
    with log.open("wb") as errors:
        child = subprocess.Popen(
            [sys.executable, *words],
            cwd=carried_folder() if not words[0].startswith("-") else PROJECT,
            env={**os.environ, **model_variables(model)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            encoding="utf-8",
        )
    record_child(log, child.pid)
    try:
        for line in child.stdout or ():
            if on_event and (event := parse_event(line)) is not None:
                on_event(event)
        status = child.wait()
    except BaseException:
        with uninterrupted():
            end_child(child)
        raise
    finally:
        for stream in (child.stdin, child.stdout):
            if stream:
                stream.close()
    check_status(status, words, log)


def parse_event(line: str) -> Event | None:
    """The event of a line; None for what a library prints."""
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) else None


def model_variables(model: Path | None) -> dict[str, str]:
    """The environment for a model's folder: no hub, and one thread for a small one, which several make slower."""
    if model is None:
        return QUIET
    size = sum(each.stat().st_size for each in model.rglob("*.safetensors"))
    return QUIET | {"HF_HUB_OFFLINE": "1"} | ({"OMP_NUM_THREADS": "1"} if size < SMALL_BYTES else {})


def end_child(child: "subprocess.Popen[str]") -> None:
    """Let it save and end; after END_SECONDS it is killed."""
    if child.stdin:
        child.stdin.close()
    try:
        child.communicate(timeout=END_SECONDS)
    except (subprocess.TimeoutExpired, ValueError):
        if not wait_until(lambda: child.poll() is not None, every=0.1, at_most=END_SECONDS):
            child.kill()
        child.wait()


def check_status(status: int, words: Sequence[str], log: Path) -> None:
    """Raise JobError for a status that is not 0."""
    if status == DONE:
        return
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines() or ["it said nothing"]
    if status == REFUSED:
        raise JobError(lines[-1], ErrorKind.invalid)
    if status == DISK_FULL:
        raise JobError(FULL_DISK.format(folder=log.parent), ErrorKind.unavailable)
    if status in (STOPPED, 130):
        raise StoppedError("Stopped: the same command goes on from the last checkpoint.")
    name = next((word for word in words if not word.startswith("-")), "the program")
    raise JobError(
        f"{name} ended with the status {status} ({lines[-1]}): see {log}, then run the same command again, which goes "
        "on from the last checkpoint.",
        ErrorKind.unavailable if "No space left" in lines[-1] else ErrorKind.failed,
    )


def record_child(log: Path, pid: int) -> None:
    """Write down which process works here: a killed command leaves it for a moment."""
    content = {"pid": pid, "created": psutil.Process(pid).create_time()} if psutil.pid_exists(pid) else {}
    write_atomically(log.with_suffix(".child.json"), json.dumps(content))


def wait_for_child(log: Path) -> None:
    """Wait until the process of a killed command has ended; end it after END_SECONDS."""
    try:
        recorded = json.loads(log.with_suffix(".child.json").read_text(encoding="utf-8"))
        process = psutil.Process(recorded["pid"])
        if process.create_time() != recorded["created"]:
            return
        wait_until(lambda: not is_alive(process), every=0.2, at_most=END_SECONDS)
        if is_alive(process):
            process.kill()
            process.wait(END_SECONDS)
    except (OSError, ValueError, KeyError, psutil.Error):
        return


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
