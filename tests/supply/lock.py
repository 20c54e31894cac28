"""The locks: every package that the project can install, with its version and the hashes of its files.

One resolution for all systems, in four parts, each package in the first part that needs it. PyTorch has a part of its
own, because its build for processors alone (`make TORCH=cpu`) has other files and brings no CUDA.
"""

import re
from dataclasses import dataclass

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from jobs.requirements import AZURE, DEVELOP, LAPTOP, LAYERS
from tests.infra.configuration import ROOT

TORCH = "requirements-torch.lock"
# A part, and the requirements files that it is for. The name is that of what `make` installs with it.
PARTS = {
    "requirements-laptop.lock": (LAPTOP,),
    "requirements.lock": (AZURE, DEVELOP, "infra/requirements.txt"),
    "requirements-extras.lock": tuple(layer for layer in LAYERS if layer not in (LAPTOP, AZURE, DEVELOP)),
}
LOCKS = (TORCH, *PARTS)


@dataclass(frozen=True)
class Pin:
    """One package of a lock. `via` has what needs it: names of packages, and requirements files."""

    requirement: Requirement
    hashes: tuple[str, ...]  # sha256, in hexadecimal
    via: frozenset[str]
    text: str  # the lines of the lock

    @property
    def name(self) -> str:
        """The name as indexes write it."""
        return canonicalize_name(self.requirement.name)

    @property
    def version(self) -> str:
        """The one version that is allowed. Raises ValueError where a line allows another."""
        (only,) = self.requirement.specifier
        if only.operator != "==" or "*" in only.version:
            raise ValueError(f"{self.requirement} is not pinned")
        return only.version


def read_pins(text: str) -> list[Pin]:
    """Return the packages of a lock's text."""
    stanzas = re.split(r"^(?=[A-Za-z])", text, flags=re.MULTILINE)
    return [_read_pin(stanza) for stanza in stanzas if re.match("[A-Za-z]", stanza)]


def _read_pin(stanza: str) -> Pin:
    first, _, rest = stanza.partition("\n")
    comments = [line.strip(" #") for line in rest.splitlines() if line.strip().startswith("#")]
    via = (line.removeprefix("via").strip().removeprefix("-r ") for line in comments)
    hashes = re.findall(r"--hash=sha256:(\w+)", stanza)
    return Pin(Requirement(first.rstrip(" \\")), tuple(hashes), frozenset(filter(None, via)), stanza)


def read_locks() -> dict[str, list[Pin]]:
    """Return the packages of every part."""
    return {lock: read_pins((ROOT / lock).read_text(encoding="utf-8")) for lock in LOCKS}


def find_reachable(pins: list[Pin], roots: set[str]) -> set[str]:
    """Return the roots (packages or requirements files) and the names of all packages that they need."""
    found = set(roots)
    while more := {pin.name for pin in pins if pin.via & found} - found:
        found |= more
    return found
