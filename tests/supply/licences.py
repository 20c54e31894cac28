"""Licences of all packages, as docs/licences.md lists them: what their metadata states, in SPDX's names."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from importlib import metadata

from tests.infra.configuration import ROOT
from tests.supply.lock import Pin

PAGE = ROOT / "docs" / "licences.md"
NPM = ROOT / "jobs" / "local" / "azurite" / "package-lock.json"
NVIDIA = "LicenseRef-NVIDIA-Proprietary"
BY_PACKAGE = {  # whose metadata states none, or one that nobody else writes so
    "cuda-toolkit": NVIDIA,  # as its parts
    "espeakng-loader": "GPL-3.0-or-later",  # eSpeak NG, which it contains
    "httpx2-jsfetch": "BSD-3-Clause",  # as httpx2; for browsers only, and so never installed
    "mlflow-skinny": "Apache-2.0",
    "nvidia-cusparselt-cu13": NVIDIA,
    "nvidia-nvtx": "Apache-2.0",
    "opentsne": "BSD-3-Clause",
    "psycopg2-binary": "LGPL-3.0-or-later",
    "requests-oauthlib": "ISC",
    "sniffio": "MIT OR Apache-2.0",
    "tqdm": "MPL-2.0 AND MIT",
}
CLASSIFIERS = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Other/Proprietary License": NVIDIA,
    "Python Software Foundation License": "PSF-2.0",
}
FREE_TEXTS = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache 2.0 License": "Apache-2.0",
    "BSD": "BSD-3-Clause",
}


def find_licence(package: str) -> str:
    """Return what an installed package states, as an SPDX expression.

    Raises PackageNotFoundError where it is not installed, and ValueError where what it states has no name here.
    """
    if package in BY_PACKAGE:
        return BY_PACKAGE[package]
    found = metadata.metadata(package)
    text, expression = ((found.get_all(each) or [""])[0] for each in ("License", "License-Expression"))
    classifiers = [each.split(" :: ")[-1] for each in found.get_all("Classifier", []) if each.startswith("License ::")]
    stated = expression or next(
        (CLASSIFIERS[each] for each in classifiers if each in CLASSIFIERS), FREE_TEXTS.get(text, text)
    )
    if not re.fullmatch(r"[\w.+-]+(?: (?:AND|OR|WITH) [\w.+-]+)*", stated):
        raise ValueError(f"{package}: {text or classifiers}")
    return str(stated)


def find_licences(pins: Iterable[Pin], listed: Mapping[str, str]) -> dict[str, str]:
    """Return the licence of each package. One that cannot be installed here keeps what is listed."""
    licences = {}
    for pin in pins:
        try:
            licences[pin.name] = find_licence(pin.name)
        except metadata.PackageNotFoundError:
            if pin.name in listed:
                licences[pin.name] = listed[pin.name]
    return licences


def read_npm() -> list[tuple[str, str, str, str]]:
    """Return name, version, integrity and licence of what npm installs, each version once, sorted."""
    packages = json.loads(NPM.read_text(encoding="utf-8"))["packages"]
    return sorted(
        {
            (path.rpartition("node_modules/")[2], each["version"], each["integrity"], each["license"])
            for path, each in packages.items()
            if path
        }
    )


def draw_table(licences: Mapping[str, str]) -> str:
    """Return the lines of a table: a licence, and its packages."""
    packages = defaultdict(list)
    for package, licence in licences.items():
        packages[licence].append(package)
    lines = ["| licence | packages |", "| --- | --- |"]
    lines += [f"| {licence} | {', '.join(sorted(names))} |" for licence, names in sorted(packages.items())]
    return "\n".join(lines)


def read_table(part: str) -> dict[str, str]:
    """Return the licence of each package that the page lists in a part: `python` or `npm`."""
    text = PAGE.read_text(encoding="utf-8").partition(f"<!-- {part} -->")[2].partition(f"<!-- end of {part} -->")[0]
    rows = [line.strip("| ").split(" | ") for line in text.splitlines()[3:] if line.startswith("|")]
    return {package: licence for licence, packages in rows for package in packages.split(", ")}


def write_table(part: str, licences: Mapping[str, str]) -> None:
    """Put the table of a part into the page."""
    begin, end = f"<!-- {part} -->\n", f"<!-- end of {part} -->"
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(begin)
    PAGE.write_text(f"{before}{begin}{draw_table(licences)}\n{end}{rest.partition(end)[2]}", encoding="utf-8")
