"""`make lock`: resolve all requirements with uv, and write the locks.

    python -m tests.supply.write_locks path/to/uv [--upgrade]

What the locks have already is kept as long as the requirements allow it, unless `--upgrade` says otherwise.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from jobs.requirements import LAYERS
from tests.infra.configuration import ROOT
from tests.supply.lock import LOCKS, PARTS, TORCH, Pin, find_reachable, read_pins

HEADER = "# By `make lock`: do not edit. {0}\n"
FOR_TORCH = "PyTorch, and what only its build with CUDA needs."
PYTORCH = {"torch", "torchvision"}


def resolve(uv: str, upgrade: bool) -> list[Pin]:
    """Return all packages for Python 3.11 and newer, on every system. Raises CalledProcessError where uv fails."""
    with tempfile.TemporaryDirectory() as folder:
        lock = Path(folder) / "all.lock"
        old = [(ROOT / name).read_text(encoding="utf-8") for name in LOCKS if (ROOT / name).exists() and not upgrade]
        lock.write_text("".join(old), encoding="utf-8")
        options = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-header", "--quiet"]
        command = [uv, "pip", "compile", *options, *LAYERS, "--output-file", str(lock)]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        return read_pins(lock.read_text(encoding="utf-8"))


def find_pytorch(pins: list[Pin]) -> set[str]:
    """Return PyTorch's packages, and those on Linux only that nothing else needs: CUDA."""
    found = set(PYTORCH)
    linux = [pin for pin in pins if pin.requirement.marker and "linux" in str(pin.requirement.marker)]
    while more := {pin.name for pin in linux if pin.via <= found} - found:
        found |= more
    return found


def split(pins: list[Pin]) -> dict[str, list[Pin]]:
    """Return the packages by part, each in one."""
    pytorch = find_pytorch(pins)
    parts = {TORCH: [pin for pin in pins if pin.name in pytorch]}
    rest = [pin for pin in pins if pin.name not in pytorch]
    for part, files in PARTS.items():
        needed = find_reachable(pins, set(files))
        parts[part] = [pin for pin in rest if pin.name in needed]
        rest = [pin for pin in rest if pin.name not in needed]
    assert not rest, f"nothing needs {[pin.name for pin in rest]}"
    return parts


def main() -> None:
    """Write the locks."""
    uv, *options = sys.argv[1:]
    for lock, pins in split(resolve(uv, "--upgrade" in options)).items():
        what = FOR_TORCH if lock == TORCH else f"What {', '.join(PARTS[lock])} need, beside the parts before."
        (ROOT / lock).write_text(HEADER.format(what) + "".join(pin.text for pin in pins), encoding="utf-8")


if __name__ == "__main__":
    main()
