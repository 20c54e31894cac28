"""SIGKILL, SIGTERM, Ctrl-C and a pause during each command, at seeded moments: once more, and all is as undisturbed.

CHAOS_SEED chooses the moments, CHAOS_ROUNDS how often each cell is tried.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from jobs import PROJECT
from jobs.local.services import postgres_server
from jobs.storage.client import lake_container, list_blobs, pictures_container
from jobs.target import Target
from tests.databases import execute
from tests.test_faulty_network import ROUNDS, SEED, Places, read_state, run_jobs

if sys.platform == "win32":
    pytest.skip("Windows has no such signals", allow_module_level=True)

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGSTOP)
# The exit statuses besides 0, of a command that has ended before. Negative ones come before our handlers are set.
ENDS = {signal.SIGKILL: {-9}, signal.SIGTERM: {130, -15}, signal.SIGINT: {130, -2}, signal.SIGSTOP: set()}
PAUSE_SECONDS = 1
# Every second picture as if its file had been another one when it was embedded.
CHANGED_PICTURES = (
    "UPDATE embedded_picture SET sha256 = sha256(image_id::text::bytea), mtime_ns = 1 WHERE image_id % 2 = 0",
    "UPDATE imagenes_fer SET vector = (SELECT vector FROM imagenes_fer ORDER BY id LIMIT 1) WHERE id % 2 = 0",
)
COMMANDS: dict[str, Callable[[Places], list[str]]] = {
    "embed": lambda at: ["embed", str(at.faces), "--weights", at.weights],
    "migrate": lambda at: ["migrate"],
    "upload": lambda at: ["upload", str(at.faces)],
    "run-pipeline": lambda at: ["run-pipeline"],
    "index": lambda at: ["index"],
    "index --from database": lambda at: ["index", "--from", "database"],
    "verify": lambda at: ["verify"],
}


def start(words: list[str], checkout: Path = PROJECT) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "jobs", *words]
    return subprocess.Popen(command, cwd=checkout, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(words: list[str]) -> float:
    """Run a command to its end. Returns the seconds."""
    started = time.monotonic()
    command = start(words)
    _, errors = command.communicate()
    assert command.returncode == 0, errors
    return time.monotonic() - started


def fill_places(laptop: Target, faces: Path, weights: str) -> tuple[Places, tuple[object, ...]]:
    """Run every job once. Returns the places that they filled, and their state."""
    places = run_jobs(Places(postgres_server("laptop").url(), laptop, faces, weights), COMMANDS)
    return places, read_state(places)


def disturb(words: list[str], number: signal.Signals, after: float) -> None:
    """Run a command, and send it a signal after some seconds. It ends as the signal means, without a traceback."""
    command = start(words)
    time.sleep(after)
    os.kill(command.pid, number)
    if number is signal.SIGSTOP:
        time.sleep(PAUSE_SECONDS)
        os.kill(command.pid, signal.SIGCONT)
    _, errors = command.communicate()
    assert command.returncode in {0, *ENDS[number]}, f"{number.name} after {after:.2f} s: {errors}"
    assert "Traceback" not in errors or command.returncode == -signal.SIGINT, errors  # Python's own, before ours begins


@pytest.mark.chaos
@pytest.mark.slow
@pytest.mark.parametrize("job", COMMANDS)
def test_an_ended_command_loses_nothing(
    job: str, laptop: Target, faces: Path, weights: str, record_property: Callable[[str, object], None]
) -> None:
    places, undisturbed = fill_places(laptop, faces, weights)
    chosen, words = random.Random(f"{SEED} {job}"), COMMANDS[job](places)
    undo(job, places)
    seconds = finish(words)
    for number in SIGNALS * ROUNDS:
        undo(job, places)
        disturb(words, number, seconds * chosen.random())
        run_jobs(places, [job])
        assert read_state(places) == undisturbed, number.name
    record_property("signals", len(SIGNALS) * ROUNDS)


def undo(job: str, places: Places) -> None:
    """Take away a part of what a command has made, or of what it remembers, so that it has work."""
    if job == "migrate":
        execute(places.target, "DELETE FROM imagenes_fer WHERE id % 2 = 0")
    elif job == "embed":
        execute(places.source, *CHANGED_PICTURES)
    elif job in ("upload", "run-pipeline", "index"):
        container = pictures_container(places.target) if job == "upload" else lake_container(places.target)
        prefix = {"upload": "train/", "run-pipeline": "imagenes/", "index": "index/"}[job]
        for blob in list(list_blobs(container, prefix))[::2]:
            container.delete_blob(blob.name)
