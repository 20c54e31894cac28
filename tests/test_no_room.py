"""No room for a file, and a folder that is read-only: a sentence that names what failed; with room, all is right."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from jobs.local.postmaster import find_postmaster
from jobs.local.services import postgres_server
from jobs.target import Target
from tests.databases import execute
from tests.test_faulty_network import Places, read_state

if sys.platform != "linux":
    pytest.skip("needs the limits of Linux", allow_module_level=True)

from tests.test_signals import COMMANDS, fill_places, finish, undo

FULL = "ulimit -f 0; exec "  # no file may grow, as on a full disk
READ_ONLY = "/sys/kernel"  # nobody, root neither, makes a folder there
GROWN = 17 * 1024 * 1024  # a file of the server's log fits, a table with many rows does not
SMALL = (0, 8_192, 65_536, 1_048_576)  # not even its log of transactions fits: the server ends, and recovers
ROWS = 20_000
PRLIMIT = shutil.which("prlimit") or ""
MANY = (
    "INSERT INTO imagenes_fer (filepath, emotion, vector) SELECT 'train/many/' || i, 'many', "
    f"ARRAY(SELECT random() FROM generate_series(1, 512) WHERE i > 0)::vector FROM generate_series(1, {ROWS}) i"
)


def run(words: list[str], before: str = "exec ", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/bash", "-c", f'{before}"$@"', "bash", sys.executable, "-m", "jobs", *words],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        check=False,
    )


@pytest.mark.chaos
def test_a_command_without_room_says_so_and_is_right_with_room(
    laptop: Target, faces: Path, weights: str, record_property: Callable[[str, object], None]
) -> None:
    places, undisturbed = fill_places(laptop, faces, weights)
    for job, words in COMMANDS.items():
        undo(job, places)
        done = run(words(places), FULL)
        assert done.returncode in (0, 1) and "Traceback" not in done.stderr, f"{job}: {done.stderr}"
        assert done.returncode == 0 or done.stderr.strip(), job
        finish(words(places))
        assert read_state(places) == undisturbed, job
    record_property("places", len(COMMANDS))


@pytest.mark.parametrize("job", COMMANDS)
def test_a_read_only_folder_is_one_sentence(job: str, faces: Path, weights: str, services: Target) -> None:
    places = Places(postgres_server("laptop").url(), services, faces, weights)
    done = run(COMMANDS[job](places), JOBS_LOCAL=f"{READ_ONLY}/jobs")
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert READ_ONLY in done.stderr.splitlines()[-1]


def limit_server(name: str, size: str) -> None:
    """Limit the files of a server's new connections, as the server's own user. It may have ended meanwhile."""
    server = find_postmaster(postgres_server(name).data)
    if server is None:
        return
    subprocess.run(
        [PRLIMIT, f"--pid={server.pid}", f"--fsize={size}:"],
        user=server.uids().real,
        group=server.gids().real,
        check=True,
    )


@pytest.mark.chaos
@pytest.mark.skipif(not PRLIMIT, reason="prlimit is not installed")
def test_a_target_without_room_loses_nothing(laptop: Target, faces: Path, weights: str) -> None:
    source = postgres_server("laptop").url()
    places = Places(source, laptop, faces, weights)
    for job in ("embed", "migrate"):
        finish(COMMANDS[job](places))
    before = read_state(places)
    execute(source, MANY)
    limit_server("cloud", str(GROWN))
    try:
        done = run(["migrate"])
    finally:
        limit_server("cloud", "unlimited")
    assert done.returncode == 1 and "Traceback" not in done.stderr and "File too large" in done.stderr, done.stderr
    assert read_state(places)[1] == before[1], "the target's table is as before"
    finish(["migrate"])
    assert read_state(places)[0] == read_state(places)[1]


@pytest.mark.chaos
@pytest.mark.skipif(not PRLIMIT, reason="prlimit is not installed")
def test_a_laptop_without_room_loses_nothing(
    laptop: Target, faces: Path, weights: str, record_property: Callable[[str, object], None]
) -> None:
    places, undisturbed = fill_places(laptop, faces, weights)
    for size in SMALL:
        undo("embed", places)
        limit_server("laptop", str(size))
        try:
            done = run(COMMANDS["embed"](places))
        finally:
            limit_server("laptop", "unlimited")
        assert done.returncode == 1 and "Traceback" not in done.stderr, f"{size}: {done.stderr}"
        assert done.stderr.strip(), size
        finish(COMMANDS["embed"](places))
        assert read_state(places) == undisturbed, size
    record_property("places", len(SMALL))
