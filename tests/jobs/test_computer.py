"""Which Python and computer the pinned packages have builds for, asked before anything is installed."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from jobs import computer
from jobs.computer import Computer, find_obstacle, find_synchronizer, path_obstacle, this_computer
from jobs.local.services import start_services, stop_services
from tests.infra.configuration import ROOT

LINUX = Computer(
    version=(3, 13),
    implementation="CPython",
    free_threaded=False,
    bits=64,
    platform="linux-x86_64",
    machine="x86_64",
    libc="glibc 2.36",
    macos="",
    path="/home/ana/vector-lake",
    long_paths=True,
)
WINDOWS = LINUX._replace(platform="win-amd64", machine="", libc="", path=r"C:\vector-lake", long_paths=False)
MAC = LINUX._replace(platform="macosx-11.0-universal2", machine="arm64", libc="", macos="15.1")


# As the index of the pinned packages has it: see the table of wheels in the note of the change.
@pytest.mark.parametrize("version", [(3, 11), (3, 12), (3, 13), (3, 14)])
@pytest.mark.parametrize(
    "system",
    [LINUX, LINUX._replace(platform="linux-aarch64", machine="aarch64"), WINDOWS, MAC, MAC._replace(macos="14.0")],
    ids=["linux", "linux on arm", "windows", "mac", "macos 14"],
)
def test_what_every_pin_has_builds_for(system: Computer, version: tuple[int, int]) -> None:
    assert find_obstacle(system._replace(version=version)) == ""


@pytest.mark.parametrize(
    ("system", "sentence"),
    [
        (LINUX._replace(version=(3, 15)), "Python 3.15 is too new: "),
        (WINDOWS._replace(version=(3, 15)), "Python 3.15 is too new: "),
        (WINDOWS._replace(version=(3, 10)), "Python 3.10 is too old: "),
        (LINUX._replace(version=(3, 8)), "Python 3.8 is too old: "),
        (LINUX._replace(implementation="PyPy"), "This Python is PyPy: "),
        (LINUX._replace(free_threaded=True), "This Python is the free-threaded build: "),
        (WINDOWS._replace(bits=32, platform="win32"), "This Python has 32 bits: "),
        (WINDOWS._replace(platform="win-arm64"), "no builds for Windows on ARM: "),
        (MAC._replace(machine="x86_64"), "no builds for Macs with an Intel processor: "),
        (MAC._replace(macos="13.6"), "macOS 13.6 is too old: "),
        (LINUX._replace(libc="musl"), "no builds for musl"),
        (LINUX._replace(libc="glibc 2.27"), "too old (glibc 2.27"),
        (LINUX._replace(platform="linux-riscv64", machine="riscv64"), "no builds for Linux on riscv64: "),
    ],
)
def test_anything_else_is_refused_in_one_sentence(system: Computer, sentence: str) -> None:
    obstacle = find_obstacle(system)
    assert sentence in obstacle
    assert obstacle.endswith(".") and "\n" not in obstacle and ": " in obstacle


def test_this_computer_is_supported() -> None:
    assert find_obstacle(this_computer()) == ""


@pytest.mark.parametrize(
    ("length", "long_paths", "refused"), [(64, False, False), (65, False, True), (200, True, False), (200, False, True)]
)
def test_a_path_that_windows_would_cut_off(length: int, long_paths: bool, refused: bool) -> None:
    path = "C:\\" + "x" * (length - 3)
    obstacle = path_obstacle(WINDOWS._replace(path=path, long_paths=long_paths))
    assert bool(obstacle) == refused
    assert not refused or (f"has {length} characters" in obstacle and "C:\\vector-lake" in obstacle)


@pytest.mark.parametrize(("value", "allowed"), [(1, True), (0, False), (None, False)])
def test_windows_own_setting_for_long_paths(value: int | None, allowed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    class Key:
        def __enter__(self) -> "Key":
            return self

        def __exit__(self, *error: object) -> None:
            return None

    def query(key: Key, name: str) -> tuple[int, int]:
        assert name == "LongPathsEnabled"
        if value is None:
            raise FileNotFoundError(name)
        return value, 4

    winreg = SimpleNamespace(HKEY_LOCAL_MACHINE=1, OpenKey=lambda root, name: Key(), QueryValueEx=query)
    monkeypatch.setitem(sys.modules, "winreg", winreg)
    assert computer.has_long_paths() == allowed


@pytest.mark.parametrize("arguments", [[], ["demo", "--json"]])
def test_a_python_that_is_too_new_is_refused_before_anything_is_imported(tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.version_info = (3, 15, 0, 'final', 0)\n")
    module = "jobs" if arguments else "jobs.computer"
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Python 3.15 is too new: ") and done.stderr.count("\n") == 1
    if arguments:
        assert json.loads(done.stdout) == {"error": done.stderr.strip(), "kind": "unavailable"}


def test_an_old_python_can_read_what_refuses_it() -> None:
    for name in ("__init__.py", "computer.py", "lost_interrupts.py", "exit.py", "__main__.py"):
        ast.parse((ROOT / "jobs" / name).read_text(encoding="utf-8"), feature_version=(3, 8))


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (r"C:\Users\ana\OneDrive\Documentos\vector-lake", "OneDrive"),
        (r"C:\Users\ana\OneDrive - Universidad de Sevilla\vector-lake", "OneDrive"),
        (r"D:\Nube\vector-lake", "OneDrive"),
        ("/Users/ana/Library/CloudStorage/OneDrive-Personal/vector-lake", "OneDrive"),
        ("/home/ana/Dropbox/vector-lake", "Dropbox"),
        ("/Users/ana/Library/Mobile Documents/com~apple~CloudDocs/vector-lake", "iCloud Drive"),
        (r"D:\Nubes\vector-lake", ""),
        ("/home/ana/vector-lake", ""),
    ],
)
def test_a_folder_that_a_program_copies_to_a_cloud(path: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OneDriveCommercial", "D:\\Nube")
    assert find_synchronizer(path) == name


def test_services_in_onedrive_warn_once(
    services_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = services_folder / "OneDrive - Universidad"
    monkeypatch.setenv("JOBS_LOCAL", str(folder))
    start_services("azurite")
    assert capsys.readouterr().err.count(f"NOTE: {folder} is inside OneDrive") == 1
    stop_services()
    start_services("azurite")
    stop_services()
    assert "OneDrive" not in capsys.readouterr().err
