"""The state folder: files are replaced whole while others write or read them, and a lock excludes other commands."""

import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from jobs import state
from jobs.errors import ErrorKind, JobError
from jobs.state import atomic_file, exclusive_lock, state_folder, write_atomically

SIZE = 200_000
WRITER = """
import sys
from pathlib import Path
from jobs.state import write_atomically
for _ in range(40):
    write_atomically(Path(sys.argv[1]), sys.argv[2] * int(sys.argv[3]))
"""


def is_whole(content: str) -> bool:
    return len(content) == SIZE and len(set(content)) == 1


def test_the_folder_is_the_one_that_the_environment_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOBS_LOCAL", str(tmp_path / "new" / "état"))
    assert state_folder() == (tmp_path / "new" / "état").resolve()
    assert state_folder().is_dir()


@pytest.mark.parametrize("content", ["é\n", b"\x00\xff", ""])
def test_what_is_written_is_read_again(tmp_path: Path, content: str | bytes) -> None:
    file = tmp_path / "missing" / "folders" / "file.json"
    for _ in range(2):
        write_atomically(file, content)
        assert file.read_bytes() == (content.encode() if isinstance(content, str) else content)
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_only_the_owner_reads_the_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("old")
    file.chmod(0o644)
    write_atomically(file, "new")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_failure_keeps_the_old_file(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("old")
    with pytest.raises(ZeroDivisionError), atomic_file(file) as new:
        new.write_text("half of the ne")
        raise ZeroDivisionError
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_block_that_writes_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), atomic_file(tmp_path / "file"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_threads_that_write_at_once_never_leave_a_part(tmp_path: Path) -> None:
    file = tmp_path / "file"
    write_atomically(file, "0" * SIZE)
    with ThreadPoolExecutor(4) as pool:
        writes = [pool.submit(write_atomically, file, character * SIZE) for character in "abcd" * 10]
        while not all(write.done() for write in writes):
            assert is_whole(file.read_text())
    for write in writes:
        write.result()
    assert is_whole(file.read_text())
    assert list(tmp_path.iterdir()) == [file]


def test_programs_that_write_at_once_never_leave_a_part(tmp_path: Path) -> None:
    file = tmp_path / "file"
    write_atomically(file, "0" * SIZE)
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(file), character, str(SIZE)], stderr=subprocess.PIPE)
        for character in "abc"
    ]
    while any(writer.poll() is None for writer in writers):
        assert is_whole(file.read_text())
    assert [writer.communicate()[1] for writer in writers] == [b""] * 3
    assert is_whole(file.read_text())
    assert list(tmp_path.iterdir()) == [file]


def refuse_replacing(monkeypatch: pytest.MonkeyPatch, times: int) -> list[Path]:
    """Windows' refusal while another program has the file open. Returns the list of attempts."""
    attempts: list[Path] = []
    rename = os.replace

    def replace(source: Path, target: Path) -> Path:
        attempts.append(target)
        if len(attempts) <= times:
            raise PermissionError(13, "Access is denied", str(target))
        rename(source, target)
        return Path(target)

    monkeypatch.setattr(Path, "replace", replace)
    return attempts


def test_a_file_that_is_open_elsewhere_is_replaced_a_moment_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts = refuse_replacing(monkeypatch, 3)
    write_atomically(tmp_path / "file", "new")
    assert len(attempts) == 4
    assert (tmp_path / "file").read_text() == "new"


def test_a_file_that_stays_open_elsewhere_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "REPLACE_SECONDS", 0.05)
    refuse_replacing(monkeypatch, 1_000)
    (tmp_path / "file").write_text("old")
    with pytest.raises(PermissionError, match="Access is denied"):
        write_atomically(tmp_path / "file", "new")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "old"


def test_a_lock_excludes_others_until_its_block_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOBS_LOCAL", str(tmp_path))
    monkeypatch.setattr(state, "LOCK_SECONDS", 0.05)
    with exclusive_lock("a.lock", "Another test holds it"), exclusive_lock("b.lock", "Another lock"):
        with (
            pytest.raises(JobError, match=r"^Another test holds it for 0\.05 s: ") as error,
            exclusive_lock("a.lock", "Another test holds it"),
        ):
            raise AssertionError("both are in the block")
        assert error.value.kind is ErrorKind.conflict
    with exclusive_lock("a.lock", "Another test holds it"):
        pass


def test_a_command_that_waits_for_a_lock_says_so_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JOBS_LOCAL", str(tmp_path))
    monkeypatch.setattr(state, "SAY_SECONDS", 0.01)
    said = Event()
    monkeypatch.setattr("jobs.terminal.log", lambda line: (sys.stderr.write(line + "\n"), said.set()))

    def wait_and_enter() -> None:
        with exclusive_lock("a.lock", "Another demo has been at work"):
            pass

    with ThreadPoolExecutor(1) as pool:
        with exclusive_lock("a.lock", "Another demo has been at work"):
            second = pool.submit(wait_and_enter)
            assert said.wait(60)
        second.result()
    line = "Another demo has been at work: this command waits until it has ended, at most 180 s.\n"
    assert capsys.readouterr().err == line


def test_a_lock_that_is_free_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JOBS_LOCAL", str(tmp_path))
    with exclusive_lock("a.lock", "Another demo has been at work"):
        pass
    assert capsys.readouterr().err == ""


def test_a_folder_is_renamed_once_the_scanner_has_looked_into_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data.new").mkdir()
    (tmp_path / "data.new" / "PG_VERSION").write_text("18")
    attempts = refuse_replacing(monkeypatch, 3)
    state.replace_file(tmp_path / "data.new", tmp_path / "data", at_most=20)
    assert len(attempts) == 4
    assert (tmp_path / "data" / "PG_VERSION").read_text() == "18"


def test_a_lock_is_released_on_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOBS_LOCAL", str(tmp_path))
    monkeypatch.setattr(state, "LOCK_SECONDS", 0.05)
    with pytest.raises(ZeroDivisionError), exclusive_lock("a.lock", "Another test holds it"):
        raise ZeroDivisionError
    with exclusive_lock("a.lock", "Another test holds it"):
        pass
