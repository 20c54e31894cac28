"""The Makefile: what it would run. `make -n` prints it and runs nothing."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.infra.configuration import ROOT

CPU = "--extra-index-url https://download.pytorch.org/whl/cpu"
FILES = ("requirements*.txt", "requirements*.lock", "jobs/local/azurite/package-lock.json", "Makefile")

MAKE = shutil.which("make") or "make"
# Without what a `make` that runs the tests hands on: its level, its flags and its variables.
HANDED_ON = {"MAKELEVEL", "MAKEFLAGS", "MFLAGS", "MAKEOVERRIDES", "PYTHON", "TORCH", "IMAGES"}
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in HANDED_ON}
pytestmark = pytest.mark.skipif(shutil.which(MAKE) is None, reason="make is not installed")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What the Makefile depends on, in a folder without .venv."""
    for pattern in FILES:
        for file in ROOT.glob(pattern):
            copy = tmp_path / file.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, copy)
    return tmp_path


def _run_make(clone: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [MAKE, "-n", *words]
    return subprocess.run(command, cwd=clone, env=ENVIRONMENT, capture_output=True, text=True, check=False)


def commands(clone: Path, *words: str) -> list[str]:
    done = _run_make(clone, *words)
    assert done.returncode == 0, done.stderr
    return done.stdout.replace("\\\n", " ").splitlines()


def installed_files(lines: list[str]) -> list[str]:
    """The locks that pip installs, in their order."""
    pip = [line.split() for line in lines if " -m pip install " in line]
    return [word for words in pip for word, before in zip(words[1:], words, strict=False) if before == "--requirement"]


def test_the_demo_installs_the_first_layer_only(clone: Path) -> None:
    lines = commands(clone, "demo")
    assert installed_files(lines) == ["requirements-torch.lock", "requirements-laptop.lock"]
    assert lines[-1].split() == [".venv/bin/python", "-m", "jobs", "demo"]


@pytest.mark.parametrize("target", ["demo", "check", "test"])
def test_this_computer_is_checked_before_pip_starts(clone: Path, target: str) -> None:
    assert commands(clone, target, "PYTHON=python3.15")[0] == "python3.15 -m jobs.computer"


@pytest.mark.parametrize("target", ["check", "bench"])
def test_what_developers_run_installs_the_whole(clone: Path, target: str) -> None:
    locks = ["requirements-torch.lock", "requirements-laptop.lock", "requirements.lock"]
    assert installed_files(commands(clone, target)) == locks


def test_the_tests_install_the_optional_requirements_too(clone: Path) -> None:
    assert installed_files(commands(clone, "test"))[-1] == "requirements-extras.lock"


@pytest.mark.parametrize("target", ["demo", "check", "test", "bench"])
@pytest.mark.parametrize("torch", ["", "cpu"])
def test_the_cpu_build_of_pytorch_is_one_variable_away(clone: Path, target: str, torch: str) -> None:
    pip = [line for line in commands(clone, target, f"TORCH={torch}") if " -m pip install " in line]
    without = [line for line in pip if "--require-hashes" not in line]
    assert [CPU in line and "--no-deps" in line for line in without] == ([True] if torch else [])
    assert not any("requirements-torch.lock" in line for line in pip if torch) and len(pip) > 1


def test_another_build_is_refused_before_anything_is_installed(clone: Path) -> None:
    done = _run_make(clone, "demo", "TORCH=cuda")
    assert done.returncode == 2 and "TORCH is `cpu` or empty, not `cuda`" in done.stderr


def test_a_second_run_installs_nothing(clone: Path) -> None:
    (clone / ".venv").mkdir()
    for stamp in ("installed-laptop", "installed", "extras"):
        (clone / ".venv" / stamp).touch()
    for target in ("demo", "check", "test"):
        assert installed_files(commands(clone, target)) == []


def run_for_real(clone: Path, target: str, path: str) -> subprocess.CompletedProcess[str]:
    """Run a target in a clone where everything is installed and `.venv/bin/python` only prints its arguments."""
    python = clone / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "python $*"\n', encoding="utf-8")
    python.chmod(0o755)
    for stamp in ("installed-laptop", "installed"):
        (clone / ".venv" / stamp).touch()
    environment = {**ENVIRONMENT, "PATH": path}
    return subprocess.run([MAKE, target], cwd=clone, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("target", ["engine", "engine-all", "rehearse"])
def test_without_pulumi_the_engines_targets_say_in_one_line_how_to_get_it(clone: Path, target: str) -> None:
    done = run_for_real(clone, target, "/usr/bin:/bin")
    if shutil.which("pulumi", path="/usr/bin:/bin"):
        pytest.skip("pulumi is in a system folder")
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    assert line.startswith("Skipped") and "pulumi.com/docs/install" in line and "tests/engine/build.sh" in line


@pytest.mark.parametrize(
    ("target", "module"),
    [
        ("engine", "-m pytest tests/engine"),
        ("engine-all", "-m pytest tests/engine"),
        ("rehearse", "tests.engine.rehearse"),
    ],
)
def test_with_pulumi_they_run(clone: Path, target: str, module: str) -> None:
    (clone / "pulumi").write_text("#!/bin/sh\n", encoding="utf-8")
    (clone / "pulumi").chmod(0o755)
    done = run_for_real(clone, target, f"{clone}:/usr/bin:/bin")
    assert done.returncode == 0 and module in done.stdout.splitlines()[-1]
    assert ("not exhaustive" in done.stdout) == (target == "engine")
