"""No package comes in whose licence docs/licences.md does not list. WRITE_LICENCES=1 writes the lists."""

import os
import re
import sys
from itertools import chain
from pathlib import Path

import numpy as np
import pytest

from tests.supply.licences import PAGE, find_licences, read_npm, read_table, write_table
from tests.supply.lock import read_locks

PINS = list(chain(*read_locks().values()))
PERMISSIVE = {
    *(
        "0BSD",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "BSL-1.0",
        "BlueOak-1.0.0",
        "CC0-1.0",
        "CNRI-Python",
        "ISC",
    ),
    *("LLVM-exception", "MIT", "MIT-0", "MIT-CMU", "PSF-2.0", "Zlib"),
    "http://geraintluff.github.io/tv4/LICENSE.txt",  # public domain
}


def write_if_asked(part: str, licences: dict[str, str]) -> None:
    if os.environ.get("WRITE_LICENCES"):
        write_table(part, licences)


def test_every_python_package_is_listed_with_the_licence_that_it_states() -> None:
    licences = find_licences(PINS, read_table("python"))
    write_if_asked("python", licences)
    assert {pin.name for pin in PINS} == set(licences), "install what make test installs"
    assert read_table("python") == licences, "read the new licence, then: WRITE_LICENCES=1 pytest tests/supply"


def test_every_npm_package_is_listed() -> None:
    licences = {f"{name} {version}": licence for name, version, _, licence in read_npm()}
    write_if_asked("npm", licences)
    assert read_table("npm") == licences, "read the new licence, then: WRITE_LICENCES=1 pytest tests/supply"


def test_what_is_not_permissive_is_explained() -> None:
    explained = PAGE.read_text(encoding="utf-8").partition("## What wheels bundle")[0].replace("nvidia-*", "nvidia-")
    for package, licence in chain(read_table("python").items(), read_table("npm").items()):
        if set(re.split(" AND | OR | WITH ", licence)) - PERMISSIVE:
            named = "nvidia-" if package.startswith("nvidia-") else package
            assert named in explained, f"{package}: {licence}"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems' wheels keep their libraries elsewhere")
def test_every_library_that_a_wheel_bundles_is_named() -> None:
    libraries = list(Path(np.__file__).parents[1].glob("*.libs/lib*"))
    stems = {re.split(r"[-.]", file.name)[0] for file in libraries}
    words = set(re.findall(r"lib\w+", PAGE.read_text(encoding="utf-8")))
    assert len(stems) > 20 and not stems - words
