"""The SBOM has every package of the locks and of npm, is what CycloneDX's schema allows, and is the same each time."""

import json
import os
import subprocess
import sys
from functools import cache
from itertools import chain
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tests.infra.configuration import ROOT
from tests.supply.licences import NPM
from tests.supply.lock import read_locks
from tests.supply.sbom import draw_json, make_bom

PINS = list(chain(*read_locks().values()))


@cache
def sbom_text() -> str:
    return draw_json(make_bom(PINS))


def test_two_processes_write_the_same_bytes_without_a_network(tmp_path: Path) -> None:
    texts = []
    for seed in ("1", "2"):
        file = tmp_path / "folder" / f"{seed}.json"
        environment = {**os.environ, "PYTHONHASHSEED": seed, "HTTPS_PROXY": "http://127.0.0.1:9"}
        command = [sys.executable, "-m", "tests.supply.sbom", str(file)]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        assert done.stderr == "" and "packages" in done.stdout
        texts.append(file.read_bytes())
    assert texts[0] == texts[1]


def test_it_has_every_package_once_with_its_hashes_and_licence() -> None:
    components = json.loads(sbom_text())["components"]
    npm = json.loads(NPM.read_text(encoding="utf-8"))["packages"]
    purls = [each["purl"] for each in components]
    expected = {f"pkg:pypi/{pin.name}@{pin.version}" for pin in PINS}
    names = {(path.rpartition("node_modules/")[2], each["version"]) for path, each in npm.items() if path}
    expected |= {f"pkg:npm/{name.replace('@', '%40')}@{version}" for name, version in names}
    assert set(purls) == expected and len(purls) == len(expected)
    assert all(each["hashes"] and each["licenses"] for each in components)


def test_it_says_which_package_needs_which() -> None:
    needs = {each["ref"]: each.get("dependsOn", []) for each in json.loads(sbom_text())["dependencies"]}
    (torch,) = [ref for ref in needs if ref.startswith("pkg:pypi/torch@")]
    assert torch in needs["vector-lake"] and any("sympy" in ref for ref in needs[torch])


def test_it_follows_the_schema() -> None:
    pytest.importorskip("jsonschema")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(sbom_text()) is None


def test_another_lock_gives_another_number() -> None:
    fewer = draw_json(make_bom(PINS[1:]))
    assert json.loads(fewer)["serialNumber"] != json.loads(sbom_text())["serialNumber"]
