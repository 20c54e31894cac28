"""All commands in a loop with changing pictures, beside an open page: what stays between two turns does not grow.

Each command is a process of its own, as when you type it, and its peak of memory counts. CHAOS_SOAK_SECONDS is how
long. The last two thirds of the turns count, because caches fill before. They are put together in BLOCKS, whose means
get a slope and its standard error by least squares. A heap that was larger in the first third does not grow: it swings.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import psutil
import pytest

from jobs.bench.page import open_page
from jobs.local.postmaster import find_postmaster
from jobs.local.services import postgres_server, storage_server
from jobs.pictures import sample
from jobs.state import state_folder
from jobs.target import Target
from tests.databases import administering
from tests.test_faulty_network import SEED, Places
from tests.test_signals import COMMANDS

if sys.platform == "win32":
    pytest.skip("Windows has no resource", allow_module_level=True)

SECONDS = float(os.environ.get("CHAOS_SOAK_SECONDS", "60"))
BLOCKS, LEAST_TURNS, ERRORS = 6, 18, 3
MOST_GROWTH = 0.05  # of the figure's mean, over all turns that count: below that, a slope may be chance
CHANGED_PICTURES = 10
MIB = 2**20
# The emulator appends to its files, up to 64 MiB each, keeps them open, and deletes none before that: not asserted.
# PostgreSQL's log of changes grows up to max_wal_size.
OTHERS = ("Azurite, MiB", "Azurite's open files", "Azurite's disk, MiB", "PostgreSQL's log, MiB")
# Without a small process between, Linux counts the memory of this one for its child.
LAUNCHER = """import resource, subprocess, sys
status = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(status)"""
FLOW: dict[str, Callable[[Places], list[str]]] = COMMANDS | {
    "search": lambda at: ["search", some_picture(at), "--weights", at.weights],
    "search --from database": lambda at: ["search", some_picture(at), "--weights", at.weights, "--from", "database"],
}
CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"


def some_picture(places: Places) -> str:
    return str(min(places.faces.rglob("*.jpg")))


def peak_memory(words: list[str], temporary: Path) -> float:
    """Run a command to its end. Returns the MiB that it had at most."""
    run = subprocess.run(
        [sys.executable, "-S", "-c", LAUNCHER, sys.executable, "-m", "jobs", *words],
        capture_output=True,
        text=True,
        env={**os.environ, "TMPDIR": str(temporary)},
        check=False,
    )
    assert run.returncode == 0, f"{words}: {run.stderr}"
    return int(run.stdout.splitlines()[-1]) * (1 if sys.platform == "darwin" else 1024) / MIB


def measure(places: Places, page: psutil.Process, temporary: Path) -> dict[str, float]:
    """What the services and the page hold, and what lies in folders."""
    emulator = storage_server().find_process()
    servers = [find_postmaster(postgres_server(name).data) for name in ("laptop", "cloud")]
    roots = [each for each in (*servers, emulator) if each]
    backends = [child for each in roots for child in each.children(recursive=True)]
    connections = 0
    for database in (places.source, places.target):
        with administering(database) as cursor:
            cursor.execute(CONNECTIONS)
            connections += cursor.fetchone()[0]
            cursor.execute("CHECKPOINT")  # else the first one, after five minutes, looks like a growth
    emulators_disk = folder_size(state_folder() / "azurite")
    log = sum(folder_size(postgres_server(name).data / "pg_wal") for name in ("laptop", "cloud"))
    return {
        "PostgreSQL, MiB": sum(own_memory(each) for each in (*roots, *backends) if each != emulator) / MIB,
        "Azurite, MiB": own_memory(emulator) / MIB if emulator else 0,
        "page, MiB": own_memory(page) / MIB,
        "open files": sum(each.num_fds() for each in (*roots, page) if each != emulator),
        "Azurite's open files": emulator.num_fds() if emulator else 0,
        "threads of the page": page.num_threads(),
        "processes": len(roots) + len(backends) + len(psutil.Process().children(recursive=True)),
        "connections": connections,
        "temporary files": sum(1 for _ in temporary.rglob("*")),
        "disk, MiB": folder_size(state_folder()) - emulators_disk - log,
        "PostgreSQL's log, MiB": log,
        "Azurite's disk, MiB": emulators_disk,
    }


def folder_size(folder: Path) -> float:
    """The MiB of all files below a folder. One may be deleted meanwhile."""
    sizes = 0
    for file in folder.rglob("*"):
        with suppress(FileNotFoundError):
            sizes += file.lstat().st_size
    return sizes / MIB


def own_memory(process: psutil.Process) -> int:
    """The bytes of a process that it shares with no other; 0 where it has just ended."""
    try:
        return int(process.memory_full_info().uss)
    except psutil.NoSuchProcess:
        return 0


def change_pictures(faces: Path, turn: int) -> None:
    """Give some pictures other contents, as many as before."""
    drawn = faces.parent / "drawn"
    sample.draw_sample(drawn, CHANGED_PICTURES, SEED * 100_000 + turn)
    for old, new in zip(sorted(faces.rglob("*.jpg"))[turn % 7 :], sorted(drawn.rglob("*.jpg")), strict=False):
        old.write_bytes(new.read_bytes())
    shutil.rmtree(drawn)


def slope(values: list[float]) -> tuple[float, float]:
    """The slope of figures, and its standard error, by least squares."""
    turns = np.arange(len(values)) - (len(values) - 1) / 2
    rise = float(turns @ values / (turns @ turns))
    rest = np.array(values) - np.mean(values) - rise * turns
    return rise, float(np.sqrt(rest @ rest / (len(values) - 2) / (turns @ turns)))


def growth(values: list[float]) -> tuple[float, float]:
    """How much a figure grows over all of its turns, and the standard error of that: from the means of blocks."""
    rise, error = slope([float(np.mean(block)) for block in np.array_split(values, BLOCKS)])
    return rise * BLOCKS, error * BLOCKS


def is_growth(values: list[float]) -> bool:
    """Whether the figure of all turns grows: more than by chance, and beyond what it was in the first third."""
    first, counted = np.split(np.array(values), [len(values) // 3])
    rise, error = growth(counted.tolist())
    last = float(np.mean(np.array_split(counted, BLOCKS)[-1]))
    return rise > max(ERRORS * error, MOST_GROWTH * float(np.mean(counted))) and last > first.max()


def test_growth_is_told_from_noise() -> None:
    assert slope([1.0, 3.0, 5.0, 7.0]) == (2.0, 0.0)
    assert growth([float(number) for number in range(12)]) == (12.0, 0.0)
    assert is_growth([100.0 + turn for turn in range(60)])
    assert not is_growth([100.0 + turn % 7 for turn in range(60)])
    assert not is_growth([0.0] * 60)
    assert not is_growth([300.0] * 20 + [100.0 + turn for turn in range(40)])


@pytest.mark.chaos
@pytest.mark.slow
def test_nothing_grows(
    laptop: Target,
    faces: Path,
    weights: str,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    places, temporary = Places(postgres_server("laptop").url(), laptop, faces, weights), tmp_path / "temporary"
    temporary.mkdir()
    for words in FLOW.values():
        peak_memory(words(places), temporary)
    seen, ends_at = list[dict[str, float]](), time.monotonic() + SECONDS
    with open_page() as page:
        while time.monotonic() < ends_at or len(seen) < LEAST_TURNS:
            change_pictures(faces, len(seen))
            peaks = {f"{name}, peak MiB": peak_memory(words(places), temporary) for name, words in FLOW.items()}
            assert page.search(Path(some_picture(places)))
            seen.append(peaks | measure(places, page.process, temporary))
    record_property("turns", len(seen))
    figures = {name: [each[name] for each in seen] for name in seen[0]}
    for name, values in figures.items():
        counted = values[len(values) // 3 :]
        rise, error = growth(counted)
        record_property(name, f"{np.mean(counted):.4g}, {rise:+.2g} ± {error:.1g}")
    ours = {name: values for name, values in figures.items() if name not in OTHERS}
    grown = {name: [round(value, 1) for value in values] for name, values in ours.items() if is_growth(values)}
    assert not grown
