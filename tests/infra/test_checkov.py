"""The security scanner finds nothing but what .checkov.yaml lists with its reason; where scanner and checkers are."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTRACT = ROOT.parent / "shared" / "contract"
ACCEPTED = ROOT / ".checkov.yaml"


def test_every_accepted_finding_has_its_reason() -> None:
    lines = [line for line in ACCEPTED.read_text(encoding="utf-8").splitlines() if "CKV" in line]
    assert lines
    for line in lines:
        assert re.fullmatch(r"  - CKV\w*_\d+ +# .{20,}", line), line


@pytest.mark.skipif(shutil.which("checkov") is None, reason="checkov is not installed: pipx install checkov")
@pytest.mark.skipif(not CONTRACT.exists(), reason="Azure's types are not beside the checkout")
def test_the_default_stack_has_no_other_finding(tmp_path: Path) -> None:
    captured, template = tmp_path / "resources.json", tmp_path / "template.json"
    subprocess.run([sys.executable, CONTRACT / "capture.py", ROOT, captured], check=True, capture_output=True)
    words = [sys.executable, "to_arm.py", captured, template]
    subprocess.run(words, cwd=CONTRACT, check=True, capture_output=True)
    words = ["checkov", "--config-file", ACCEPTED, "-f", template, "--compact", "--quiet", "--skip-download"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
