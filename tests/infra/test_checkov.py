"""The security scanner finds what .checkov.yaml lists with its reason, no more and no less; where it is installed."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTRACT = ROOT.parent / "shared" / "contract"
ACCEPTED = ROOT / ".checkov.yaml"
MODES = [{}, {"search": "basic", "diagnostics": True}, {"private": True, "search": "basic"}, {"entraOnly": True}]


def test_every_accepted_finding_has_its_reason() -> None:
    lines = [line for line in ACCEPTED.read_text(encoding="utf-8").splitlines() if "CKV" in line]
    assert lines
    for line in lines:
        assert re.fullmatch(r"  - CKV\w*_\d+ +# .{20,}", line), line


@pytest.mark.skipif(shutil.which("checkov") is None, reason="checkov is not installed: pipx install checkov")
@pytest.mark.skipif(not CONTRACT.exists(), reason="Azure's types are not beside the checkout")
def test_the_findings_of_all_modes_are_the_accepted_ones(tmp_path: Path) -> None:
    for at, settings in enumerate(MODES):
        captured, template = tmp_path / f"{at}.captured", tmp_path / f"{at}.json"
        given = [f"--set=vector-lake:{key}={json.dumps(value).strip(chr(34))}" for key, value in settings.items()]
        words = [sys.executable, CONTRACT / "capture.py", ROOT, captured, *given]
        subprocess.run(words, check=True, capture_output=True)
        words = [sys.executable, "-B", "to_arm.py", captured, template]
        subprocess.run(words, cwd=CONTRACT, check=True, capture_output=True)
    words = ["checkov", "--directory", tmp_path, "--framework", "arm", "--output", "json", "--skip-download"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    report = json.loads(done.stdout)
    assert report["summary"]["parsing_errors"] == 0
    found = {each["check_id"] for each in report["results"]["failed_checks"]}
    assert found == set(re.findall(r"- (CKV\w*_\d+)", ACCEPTED.read_text(encoding="utf-8")))
