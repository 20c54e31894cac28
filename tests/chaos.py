"""Runs what attacks the project, and shows a table: faults, kills, bad pictures, mutants, other users.

    python -m tests.chaos [--write]

`--write` puts the table into docs/reliability.md. CHAOS_SEED, CHAOS_ROUNDS and CHAOS_MUTANTS are as in the tests. The
exit status is that of pytest.
"""

import os
import platform
import re
import subprocess
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from junitparser import JUnitXml, TestCase

from tests.infra.configuration import ROOT

PAGE = ROOT / "docs" / "reliability.md"
TABLE = re.compile(r"(<!-- figures -->\n).*(<!-- end of figures -->)", re.DOTALL)
SUITES = {
    "tests/test_faulty_network.py": "each job behind a bad network, then once more",
    "tests/jobs/pipeline/data_factory/test_faulty_network.py": "Data Factory behind one, and a clock that jumps",
    "tests/test_signals.py": "SIGKILL, SIGTERM, Ctrl-C and a pause during each command, then once more",
    "tests/test_phases.py": "a signal in each phase of each command, then once more",
    "tests/test_pairs.py": "every two commands at once, then each once more",
    "tests/test_no_room.py": "each command without room for files, in a read-only folder, a server without room",
    "tests/test_kill.py": "SIGKILL of a job at its phases, then once more",
    "tests/jobs/local/test_emulator.py": "SIGKILL of Azurite right after a job, a full disk",
    "tests/jobs/local/test_backup.py": "backup and restore: spoiled files, SIGKILL",
    "tests/jobs/local/test_living_server.py": "a backend killed, all connections held, a server stopped",
    "tests/jobs/local/test_killed_services.py": "a service killed while a command waits for it",
    "tests/jobs/local/test_other_users.py": "another user of the computer",
    "tests/jobs/postgres/test_silence.py": "a database that stalls",
    "tests/jobs/postgres/test_roles.py": "statements that a role must be refused",
    "tests/jobs/storage/test_silent_storage.py": "storage that stalls",
    "tests/jobs/storage/test_hostile_rows.py": "hostile rows of the lake",
    "tests/jobs/index/test_faiss_files.py": "hostile index files",
    "tests/jobs/pictures/test_corpus.py": "bad pictures under the system's limits",
    "tests/test_mutants.py": "mutants of everything that is read from others",
    "tests/test_foreign_texts.py": "control characters in foreign texts",
}
DEFAULTS = {"CHAOS_SEED": "1", "CHAOS_ROUNDS": "1", "CHAOS_MUTANTS": "20000"}


def main(arguments: list[str]) -> int:
    """Run the suites. Returns pytest's exit status."""
    for name, value in DEFAULTS.items():
        os.environ.setdefault(name, value)
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        report = Path(folder) / "junit.xml"
        words = [sys.executable, "-m", "pytest", "-m", "", "--numprocesses", "2", "--dist", "loadfile", *SUITES]
        status = subprocess.run([*words, f"--junitxml={report}"], cwd=ROOT, check=False).returncode
        table = draw_table([case for suite in JUnitXml.fromfile(str(report)) for case in suite])
    sys.stdout.write(table)
    if "--write" in arguments:
        page = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(TABLE.sub(lambda found: found[1] + table + found[2], page), encoding="utf-8")
    return status


def draw_table(cases: list[TestCase]) -> str:
    """The figures of each suite as a table of Markdown, below a line that says what repeats them."""
    rows = [f"{describe_run()}\n", "| suite | tests | failed | skipped | tried | seconds |", "| --- " * 6 + "|"]
    for path, what in SUITES.items():
        module = path.removesuffix(".py").replace("/", ".")
        own = [case for case in cases if case.classname == module]
        results = Counter(type(result).__name__ for case in own for result in case.result)
        tried = sum((Counter({each.name: int(each.value)}) for case in own for each in case.properties()), Counter())
        words = ", ".join(f"{number:,} {name}" for name, number in tried.items())
        seconds = sum(case.time or 0 for case in own)
        failed = results["Failure"] + results["Error"]
        rows.append(f"| {what} | {len(own)} | {failed} | {results['Skipped']} | {words} | {seconds:.0f} |")
    return "\n".join(rows) + "\n"


def describe_run() -> str:
    """Date, commit, machine and seed."""
    words = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip() or "unknown"
    machine = (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}"
    )
    chosen = ", ".join(f"`{name}={os.environ[name]}`" for name in DEFAULTS)
    return f"{datetime.now(UTC).date()}, commit {commit}, {machine}, {chosen}."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
