"""A signal in each phase of each command: import, connect, plan, work, commit, end. Once more, and all is right.

The cells are PHASES x SIGNALS. One round sends each phase one signal, and CHAOS_ROUNDS=4 all of them.
"""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import psutil
import pytest

from jobs.target import Target
from tests.processes import wait_until_stopped
from tests.test_faulty_network import ROUNDS, SEED, read_state, run_jobs

if sys.platform == "win32":
    pytest.skip("Windows has no such signals", allow_module_level=True)

from tests.test_signals import COMMANDS, ENDS, SIGNALS, fill_places, undo

HOOK = Path(__file__).parent / "phase_signal"
IMPORT, END = "jobs/commands/app.py:<module>", "jobs/terminal.py:print_result"
CONNECT, SERVICE = "jobs/postgres/connection.py:open_connection", "jobs/storage/client.py:storage_service"
RUNNER = "jobs/pipeline/local_runner"
PHASES: dict[str, tuple[str, ...]] = {
    "embed": (
        IMPORT,
        CONNECT,
        "jobs/embed/plan.py:make_plan",
        "jobs/embed/flow.py:read_slice",
        "jobs/embed/write.py:commit_step",
        END,
    ),
    "migrate": (
        IMPORT,
        CONNECT,
        "jobs/migrate/parts.py:split_table",
        "jobs/migrate/parts.py:copy_part",
        "jobs/migrate/finish.py:apply_staging",
        "jobs/migrate/finish.py:copy_record",
        END,
    ),
    "upload": (IMPORT, SERVICE, "jobs/upload/run.py:claim_paths", "jobs/upload/run.py:upload_picture", END),
    "run-pipeline": (
        IMPORT,
        f"{RUNNER}/run.py:check_activities",
        f"{RUNNER}/copy_table.py:write_parquet",
        f"{RUNNER}/copy_table.py:upload_file",
        f"{RUNNER}/copy_files.py:copy_all",
        END,
    ),
    "index": (IMPORT, SERVICE, "jobs/index/faiss_index.py:read_vectors", "jobs/index/faiss_index.py:save_index", END),
    "index --from database": (IMPORT, CONNECT, END),
    "verify": (IMPORT, CONNECT, "jobs/verify/run.py:add_comparison", END),
}


def interrupt(words: list[str], phase: str, number: signal.Signals) -> None:
    """Run a command that gets a signal in a phase. It must get there, and end as the signal means."""
    command = subprocess.Popen(
        [sys.executable, "-m", "jobs", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=phase_environment(phase, number),
    )
    if number is signal.SIGSTOP:
        wait_until_stopped(psutil.Process(command.pid))
        os.kill(command.pid, signal.SIGCONT)
    _, errors = command.communicate()
    ends = ENDS[number] or {0}
    assert command.returncode in ends, f"{number.name} at {phase}: {command.returncode} {errors}"
    assert "Traceback" not in errors or command.returncode == -signal.SIGINT, errors


def phase_environment(phase: str, number: signal.Signals) -> Mapping[str, str]:
    return {**os.environ, "PYTHONPATH": str(HOOK), "PHASE": phase, "PHASE_SIGNAL": str(int(number))}


@pytest.mark.chaos
@pytest.mark.slow
def test_a_signal_in_any_phase_loses_nothing(
    laptop: Target, faces: Path, weights: str, record_property: Callable[[str, object], None]
) -> None:
    places, undisturbed = fill_places(laptop, faces, weights)
    first = random.Random(SEED).randrange(len(SIGNALS))
    cells = [(job, phase) for job, phases in PHASES.items() for phase in phases]
    for round_number in range(ROUNDS):
        for place, (job, phase) in enumerate(cells):
            number = SIGNALS[(first + place + round_number) % len(SIGNALS)]
            undo(job, places)
            interrupt(COMMANDS[job](places), phase, number)
            run_jobs(places, [job])
            assert read_state(places) == undisturbed, f"{job}: {number.name} at {phase}"
    record_property("phases", len(cells) * ROUNDS)
