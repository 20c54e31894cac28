"""Runs what attacks the project, and shows a table: faults, kills, bad pictures, mutants, other users.

    python -m tests.chaos [--soak | --fuzz] [--write]

`--soak` runs all commands in a loop for an hour instead, `--fuzz` fuzzes every reader. `--write` puts the tables into
docs/reliability.md. The variables of DEFAULTS are as in the tests. The exit status is that of pytest.
"""

import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from junitparser.xunit2 import JUnitXml, TestCase

from tests.infra.configuration import ROOT

PAGE = ROOT / "docs" / "reliability.md"
SOAK, FUZZ, EVERY_CALL = "tests/test_soak.py", "tests/test_fuzz.py", "tests/test_every_call.py"
NETWORK, SIGNALS = "tests/test_faulty_network.py", "tests/test_signals.py"
ADOPT, DOCUMENTS = "tests/jobs/adopt/test_adopt_failures.py", "tests/jobs/documents/test_documents_failures.py"
GRID = (EVERY_CALL, ADOPT, DOCUMENTS, NETWORK, SIGNALS)  # suites with a test for each job
SUITES = {
    # The longest first.
    SOAK: "all commands in a loop with changing pictures, beside an open page",
    NETWORK: "each job behind a bad network, then once more",
    EVERY_CALL: "a failure of each job's first call, its second, ...: SQL, storage, files; then once more",
    ADOPT: "the same of `adopt`",
    DOCUMENTS: "the same of `documents add`",
    "tests/test_mutants.py": "mutants of everything that is read from others",
    "tests/jobs/pipeline/data_factory/test_faulty_network.py": "Data Factory behind one, and a clock that jumps",
    SIGNALS: "SIGKILL, SIGTERM, Ctrl-C and a pause during each command, then once more",
    "tests/test_phases.py": "a signal in each phase of each command, then once more",
    "tests/test_clock.py": "each job with an identity, under a clock that jumps by hours",
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
    "tests/jobs/test_foreign_files.py": "bad JSON, YAML and files",
    "tests/jobs/test_target_values.py": "bad outputs of a stack",
    "tests/test_foreign_texts.py": "control characters in foreign texts",
}
BAD_INPUT = tuple(SUITES)[-6:]  # suites that give each kind of bad input as a parameter, or count the kinds
DEFAULTS = {"CHAOS_SEED": "1", "CHAOS_ROUNDS": "1", "CHAOS_MUTANTS": "22000", "CHAOS_SOAK_SECONDS": "600"}
SLOPES = ("figure", "mean", "growth over the last two thirds, and its standard error")
BRANCHES = ("reader", "inputs", "branches of the first ones", "branches in the end")
# By option: the suite that runs alone, what it is, its own variable, and the head of a table of its own.
ALONE = {
    "soak": (SOAK, SUITES[SOAK], {"CHAOS_SOAK_SECONDS": "3600"}, SLOPES),
    "fuzz": (FUZZ, "each reader fuzzed, guided by its coverage", {"CHAOS_FUZZ_SECONDS": "60"}, BRANCHES),
}
# As `make test`, but all of them, and four processes, because many tests wait.
PYTEST = ("-m", "", "--numprocesses", "4", "--dist", "loadfile", "--no-loadscope-reorder")


def main(arguments: list[str]) -> int:
    """Run the suites. Returns pytest's exit status."""
    option = next((name for name in ALONE if f"--{name}" in arguments), "")
    suites, chosen = SUITES, DEFAULTS
    if option:
        suite, what, own, _ = ALONE[option]
        suites, chosen = {suite: what}, {"CHAOS_SEED": DEFAULTS["CHAOS_SEED"]} | own
    for name, value in chosen.items():
        os.environ.setdefault(name, value)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        report = Path(folder) / "junit.xml"
        words = [sys.executable, "-m", "pytest", *PYTEST, f"--junitxml={report}", *suites]
        status = subprocess.run(words, cwd=ROOT, check=False).returncode
        cases = read_cases(report)
    table = f"{describe_run(list(chosen), time.monotonic() - started)}\n\n{draw_table(cases, suites)}\n"
    table += draw_texts(cases, ALONE[option][-1]) if option else draw_grid(cases)
    sys.stdout.write(table)
    if "--write" in arguments:
        write_table(option or "figures", table)
    return status


def read_cases(report: Path) -> list[TestCase]:
    """The tests of a file that pytest has written."""
    return [case for suite in JUnitXml.fromfile(str(report)) for case in suite]


def write_table(name: str, table: str) -> None:
    """Put a table between its two comments of the page."""
    page = PAGE.read_text(encoding="utf-8")
    place = re.compile(rf"(<!-- {name} -->\n).*(<!-- end of {name} -->)", re.DOTALL)
    PAGE.write_text(place.sub(lambda found: found[1] + table + found[2], page), encoding="utf-8")


def draw_table(cases: list[TestCase], suites: Mapping[str, str]) -> str:
    """The figures of each suite as a table of Markdown. `suites` has what each is, by file."""
    rows = [draw_line("suite", "tests", "failed", "skipped", "tried", "seconds"), "| --- " * 6 + "|"]
    for path, what in suites.items():
        rows.append(draw_row(what, cases_of(path, cases)))
    if len(suites) > 1:
        rows.append(draw_row("all", cases))
    return "\n".join(rows) + "\n"


def draw_texts(cases: list[TestCase], heads: Sequence[str]) -> str:
    """What a suite has measured as a table of Markdown."""
    texts = [each for case in cases for each in case.properties() if not each.value.isdecimal()]
    rows = [draw_line(each.name, *each.value.split(", ")) for each in texts]
    return "\n".join([draw_line(*heads), "| --- " * len(heads) + "|", *rows]) + "\n"


def draw_grid(cases: list[TestCase]) -> str:
    """How often each job was disturbed, and by what, as a table of Markdown."""
    tried: dict[str, Counter[str]] = {}
    for case in [case for path in GRID for case in cases_of(path, cases)]:
        job = case.name.partition("[")[2].rstrip("]")
        tried[job] = tried.get(job, Counter()) + count_tried([case])
    heads = list(sum(tried.values(), Counter()))
    rows = [draw_line(job, *(str(counts[name]) for name in heads)) for job, counts in tried.items()]
    return "\n".join([draw_line("job", *heads), "| --- " * (len(heads) + 1) + "|", *rows]) + "\n"


def draw_line(*texts: str) -> str:
    return f"| {' | '.join(texts)} |"


def cases_of(path: str, cases: list[TestCase]) -> list[TestCase]:
    return [case for case in cases if case.classname == module_name(path)]


def module_name(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".")


def count_tried(cases: list[TestCase]) -> Counter[str]:
    """The sums of what tests have counted."""
    modules = {module_name(path) for path in BAD_INPUT}
    kinds = sum("[" in case.name for case in cases if case.classname in modules)
    counts = [each for case in cases for each in case.properties() if each.value.isdecimal()]
    return sum((Counter({each.name: int(each.value)}) for each in counts), +Counter({"kinds": kinds}))


def draw_row(what: str, cases: list[TestCase]) -> str:
    results = Counter(type(result).__name__ for case in cases for result in case.result)
    tried = ", ".join(f"{number:,} {name}" for name, number in count_tried(cases).items())
    failed, seconds = results["Failure"] + results["Error"], sum(case.time or 0 for case in cases)
    return draw_line(what, str(len(cases)), str(failed), str(results["Skipped"]), tried, f"{seconds:.0f}")


def describe_run(variables: list[str], seconds: float) -> str:
    """Date, commit, machine, the variables that repeat it, and how long it took."""
    words = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip() or "unknown"
    machine = (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}"
    )
    chosen = ", ".join(f"`{name}={os.environ[name]}`" for name in variables)
    return f"{datetime.now(UTC).date()}, commit {commit}, {machine}, {chosen}: {seconds:.0f} s."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
