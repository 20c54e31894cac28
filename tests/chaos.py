"""Runs what attacks the project, and shows a table: faults, kills, bad pictures, mutants, other users.

    python -m tests.chaos [--soak] [--write]

`--soak` runs all commands in a loop for an hour instead. `--write` puts the table into docs/reliability.md. The
variables of DEFAULTS are as in the tests. The exit status is that of pytest.
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

from junitparser.xunit2 import JUnitXml, TestCase

from tests.infra.configuration import ROOT

PAGE = ROOT / "docs" / "reliability.md"
SOAK = "tests/test_soak.py"
SUITES = {
    # The longest first.
    SOAK: "all commands in a loop with changing pictures, beside an open page",
    "tests/test_faulty_network.py": "each job behind a bad network, then once more",
    "tests/test_mutants.py": "mutants of everything that is read from others",
    "tests/jobs/pipeline/data_factory/test_faulty_network.py": "Data Factory behind one, and a clock that jumps",
    "tests/test_signals.py": "SIGKILL, SIGTERM, Ctrl-C and a pause during each command, then once more",
    "tests/test_phases.py": "a signal in each phase of each command, then once more",
    "tests/test_pairs.py": "every two commands at once, then each once more",
    "tests/test_two_versions.py": "two versions of the project on one database at once",
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
    "tests/test_foreign_texts.py": "control characters in foreign texts",
}
DEFAULTS = {"CHAOS_SEED": "1", "CHAOS_ROUNDS": "1", "CHAOS_MUTANTS": "22000", "CHAOS_SOAK_SECONDS": "600"}
HOUR = "3600"
# As `make test`, but all of them, and three processes, because many tests wait.
PYTEST = ("-m", "", "--numprocesses", "3", "--dist", "loadfile", "--no-loadscope-reorder")
SLOPES = "\n| figure | mean | growth over the last two thirds, and its standard error |\n| --- | --- | --- |\n"


def main(arguments: list[str]) -> int:
    """Run the suites. Returns pytest's exit status."""
    soak = "--soak" in arguments
    for name, value in (DEFAULTS | {"CHAOS_SOAK_SECONDS": HOUR} if soak else DEFAULTS).items():
        os.environ.setdefault(name, value)
    suites = [SOAK] if soak else list(SUITES)
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        report = Path(folder) / "junit.xml"
        words = [sys.executable, "-m", "pytest", *PYTEST, f"--junitxml={report}", *suites]
        status = subprocess.run(words, cwd=ROOT, check=False).returncode
        cases = read_cases(report)
    table = draw_table(cases, suites) + (draw_slopes(cases) if soak else "")
    sys.stdout.write(table)
    if "--write" in arguments:
        write_table("soak" if soak else "figures", table)
    return status


def read_cases(report: Path) -> list[TestCase]:
    """The tests of a file that pytest has written."""
    return [case for suite in JUnitXml.fromfile(str(report)) for case in suite]


def write_table(name: str, table: str) -> None:
    """Put a table between its two comments of the page."""
    page = PAGE.read_text(encoding="utf-8")
    place = re.compile(rf"(<!-- {name} -->\n).*(<!-- end of {name} -->)", re.DOTALL)
    PAGE.write_text(place.sub(lambda found: found[1] + table + found[2], page), encoding="utf-8")


def draw_table(cases: list[TestCase], suites: list[str]) -> str:
    """The figures of each suite as a table of Markdown, below a line that says what repeats them."""
    rows = [f"{describe_run()}\n", "| suite | tests | failed | skipped | tried | seconds |", "| --- " * 6 + "|"]
    for path in suites:
        module = path.removesuffix(".py").replace("/", ".")
        rows.append(draw_row(SUITES[path], [case for case in cases if case.classname == module]))
    if len(suites) > 1:
        rows.append(draw_row("all", cases))
    return "\n".join(rows) + "\n"


def draw_slopes(cases: list[TestCase]) -> str:
    """What a soak has measured as a table of Markdown."""
    slopes = [each for case in cases for each in case.properties() if not each.value.isdecimal()]
    return SLOPES + "".join(f"| {each.name} | {' | '.join(each.value.split(', '))} |\n" for each in slopes)


def draw_row(what: str, cases: list[TestCase]) -> str:
    results = Counter(type(result).__name__ for case in cases for result in case.result)
    counts = [each for case in cases for each in case.properties() if each.value.isdecimal()]
    tried = sum((Counter({each.name: int(each.value)}) for each in counts), Counter())
    words = ", ".join(f"{number:,} {name}" for name, number in tried.items())
    seconds = sum(case.time or 0 for case in cases)
    failed = results["Failure"] + results["Error"]
    return f"| {what} | {len(cases)} | {failed} | {results['Skipped']} | {words} | {seconds:.0f} |"


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
