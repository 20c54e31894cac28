"""The workflows: nothing that they run can change by itself, and none of them can write or read a secret."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.infra.configuration import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PINNED = re.compile(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}")


def read(path: Path) -> dict[Any, Any]:
    """A workflow. YAML takes its key `on` for true."""
    content: dict[Any, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_may_only_read_and_has_limits(path: Path) -> None:
    workflow = read(path)
    assert workflow["permissions"] == {"contents": "read"}
    assert workflow["concurrency"]["group"]
    assert {"name", True, "jobs"} <= workflow.keys()
    for job in workflow["jobs"].values():
        assert 0 < job["timeout-minutes"] <= 120
        assert "permissions" not in job
    assert "secrets." not in path.read_text(encoding="utf-8")
    assert "pull_request_target" not in workflow[True]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_every_action_is_a_commit_and_keeps_no_login(path: Path) -> None:
    steps = [step for job in read(path)["jobs"].values() for step in job["steps"]]
    used = [step for step in steps if "uses" in step]
    assert used and all(PINNED.fullmatch(step["uses"]) for step in used)
    checkouts = [step for step in used if step["uses"].startswith("actions/checkout@")]
    assert checkouts and all(step["with"] == {"persist-credentials": False} for step in checkouts)


def test_they_run_targets_of_the_makefile_and_no_text_of_a_stranger() -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    jobs = [job for path in WORKFLOWS for job in read(path)["jobs"].values()]
    commands = [step["run"] for job in jobs for step in job["steps"] if "run" in step]
    made = {command.split()[1] for command in commands if command.startswith("make ")}
    assert {"check", "test", "chaos", "audit"} <= made <= targets
    assert not [command for command in commands if "github.event" in command]
