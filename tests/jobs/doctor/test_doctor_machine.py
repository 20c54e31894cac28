"""doctor's checks of the machine: Python's version, and the packages against their pins."""

from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

from jobs.doctor import machine


def test_packages_are_compared_with_the_pins(tmp_path: Path) -> None:
    (tmp_path / "more.txt").write_text("rich==1.0\n")
    (tmp_path / "requirements.txt").write_text("-r more.txt\n\n# text\nno-such-thing==1.0 # why\ntyper~=0.1.2\n")
    found = machine.check_packages(tmp_path / "requirements.txt")
    assert found.status == "problem"
    assert "no-such-thing missing" in found.message and "rich 15" in found.message and "typer 0" in found.message
    assert "-m pip install -r requirements.txt" in found.fix
    assert machine.check_packages().status == "ok"


@pytest.mark.parametrize(
    ("version", "pin", "satisfied"),
    [
        ("2.13.0+cpu", "==2.13.0", True),
        ("2.13.1", "==2.13.0", False),
        ("3.29.4", "~=3.29.0", True),
        ("3.30.0", "~=3.29.0", False),
        ("3.29.0", "~=3.29.1", False),
        (None, "==1", False),
    ],
)
def test_an_installed_version_satisfies_its_pin_or_not(version: str | None, pin: str, satisfied: bool) -> None:
    assert machine.satisfies(version, SpecifierSet(pin)) == satisfied


def test_an_old_python_is_a_problem() -> None:
    assert machine.check_python((3, 10, 4)).status == "problem"
