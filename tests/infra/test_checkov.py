"""The security scanner checkov finds what .checkov.yaml accepts, no more and no less. Needs checkov installed."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.azure_types.resources import VERSIONS, short_token
from tests.azure_types.template import arm_template
from tests.infra.configuration import ROOT
from tests.infra.recorder import run_program
from tests.infra.secret_values import plain

ACCEPTED = ROOT / ".checkov.yaml"
MODES: list[dict[str, Any]] = [
    {},
    {"search": "basic", "diagnostics": True},
    {"private": True, "search": "basic"},
    {"entraOnly": True},
    {"machineLearning": True},
]


def template_of(settings: dict[str, Any]) -> dict[str, Any]:
    """Return everything that the program creates in a mode as one ARM template."""
    tokens = [(short_token(each.token), each) for each in run_program(settings).registered]
    return arm_template((token, each.name, plain(each.inputs)) for token, each in tokens if token in VERSIONS)


def test_every_accepted_finding_has_its_reason() -> None:
    lines = [line for line in ACCEPTED.read_text(encoding="utf-8").splitlines() if "CKV" in line]
    assert lines
    for line in lines:
        assert re.fullmatch(r"  - CKV\w*_\d+ +# .{20,}", line), line


@pytest.mark.parametrize("settings", MODES, ids=lambda settings: "-".join(settings) or "default")
def test_the_template_for_the_scanner_has_every_resource(settings: dict[str, Any]) -> None:
    template = template_of(settings)
    kinds = {each["type"] for each in template["resources"]}
    assert {"Microsoft.KeyVault/vaults", "Microsoft.DataFactory/factories/pipelines"} <= kinds
    assert ("Microsoft.Network/privateEndpoints" in kinds) == bool(settings.get("private"))
    assert all("properties" in each for each in template["resources"] if each["type"].endswith("Accounts"))


@pytest.mark.skipif(shutil.which("checkov") is None, reason="checkov is not installed: pipx install checkov")
def test_the_findings_of_all_modes_are_the_accepted_ones(tmp_path: Path) -> None:
    for index, settings in enumerate(MODES):
        (tmp_path / f"{index}.json").write_text(json.dumps(template_of(settings)), encoding="utf-8")
    command = ["checkov", "--directory", tmp_path, "--framework", "arm", "--output", "json", "--skip-download"]
    scan = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    report = json.loads(scan.stdout)
    assert report["summary"]["parsing_errors"] == 0
    findings = {each["check_id"] for each in report["results"]["failed_checks"]}
    assert findings == set(re.findall(r"- (CKV\w*_\d+)", ACCEPTED.read_text(encoding="utf-8")))
