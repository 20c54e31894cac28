"""The locks follow from the requirements files: nothing missing, nothing beyond them, every file with its hash."""

import re
from importlib import metadata
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from jobs.doctor.machine import read_requirements
from tests.infra.configuration import ROOT
from tests.supply.lock import LOCKS, PARTS, TORCH, Pin, find_reachable, read_locks, read_pins
from tests.supply.write_locks import split

PINS = list(chain(*read_locks().values()))
FILES = sorted(file for files in PARTS.values() for file in files)


def allowed(requirement: Requirement, pins: list[Pin]) -> bool:
    """Whether a lock has the package in versions that a requirement accepts."""
    same = [pin for pin in pins if pin.name == canonicalize_name(requirement.name)]
    return bool(same) and all(requirement.specifier.contains(pin.version, prereleases=True) for pin in same)


def test_every_requirements_file_is_in_the_locks() -> None:
    there = {
        str(file.relative_to(ROOT)) for file in [*ROOT.glob("requirements-*.txt"), ROOT / "infra/requirements.txt"]
    }
    assert there == set(FILES)


@pytest.mark.parametrize("file", FILES)
def test_a_part_and_those_before_it_have_what_their_files_name(file: str) -> None:
    last = next(number for number, files in enumerate(PARTS.values()) if file in files)
    pins = list(chain(*list(read_locks().values())[: last + 2]))
    wrong = [str(each) for each in read_requirements(ROOT / file) if not allowed(each, pins)]
    assert not wrong, f"run `make lock`: {wrong}"


def test_every_line_has_one_version_and_hashes_and_no_address() -> None:
    for pin in PINS:
        assert pin.version and pin.hashes and all(re.fullmatch(r"[0-9a-f]{64}", each) for each in pin.hashes), pin.name
        assert not re.search(r"://|--(?:index|extra|find|trusted)", pin.text), pin.name


def test_each_package_is_in_one_part() -> None:
    names = [{pin.name for pin in pins} for pins in read_locks().values()]
    assert sum(map(len, names)) == len(set().union(*names))


def test_nothing_is_locked_that_no_requirement_needs() -> None:
    named = {file: {canonicalize_name(each.name) for each in read_requirements(ROOT / file)} for file in FILES}
    for pin in PINS:
        stale = [file for file in pin.via if file.endswith(".txt") and pin.name not in named[file]]
        assert not stale, f"{pin.name} is no longer in {stale}: run `make lock`"
    assert {pin.name for pin in PINS} <= find_reachable(PINS, set(FILES))


def test_what_installed_packages_require_is_locked() -> None:
    seen = 0
    for pin in PINS:
        try:
            found = metadata.distribution(pin.name)
        except metadata.PackageNotFoundError:
            continue
        if found.version != pin.version:
            continue
        seen += 1
        for each in map(Requirement, found.requires or []):
            if each.marker is None or each.marker.evaluate({"extra": ""}):
                assert allowed(each, PINS), f"{pin.name} requires {each}"
    assert seen > 50


RESOLVED = """
torch==2.0 \\
    --hash=sha256:00
    # via -r requirements-laptop.txt
nvidia-a==1 ; sys_platform == 'linux' \\
    --hash=sha256:00
    # via torch
nvidia-b==1 ; sys_platform == 'linux' \\
    --hash=sha256:00
    # via
    #   nvidia-a
    #   torch
sympy==1 \\
    --hash=sha256:00
    # via torch
pulumi==3 \\
    --hash=sha256:00
    # via -r infra/requirements.txt
six==1 \\
    --hash=sha256:00
    # via
    #   pulumi
    #   ray
uvloop==1 ; sys_platform == 'linux' \\
    --hash=sha256:00
    # via ray
ray==2 \\
    --hash=sha256:00
    # via -r requirements-ray.txt
"""


def test_a_package_goes_to_the_first_part_that_needs_it_and_cuda_to_pytorch() -> None:
    parts = {part: [pin.name for pin in pins] for part, pins in split(read_pins(RESOLVED)).items()}
    assert parts == {
        TORCH: ["torch", "nvidia-a", "nvidia-b"],
        "requirements-laptop.lock": ["sympy"],
        "requirements.lock": ["pulumi", "six"],
        "requirements-extras.lock": ["uvloop", "ray"],
    }


def test_a_line_that_is_not_pinned_is_an_error() -> None:
    with pytest.raises(ValueError, match="rich>=1 is not pinned"):
        _ = read_pins("rich>=1 \\\n    --hash=sha256:00\n")[0].version


def test_the_locks_are_what_is_named() -> None:
    assert set(LOCKS) == {file.name for file in Path(ROOT).glob("*.lock")}
