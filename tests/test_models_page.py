"""docs/models.md shows what the commands print. They are run in order, against one played account."""

import json
from contextlib import redirect_stderr, redirect_stdout
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
import yaml

from jobs.entry import main
from jobs.models.router import Router
from jobs.state import state_folder
from tests.azure_fakes.model_account import ModelAccount
from tests.jobs.cli_process import without_waits
from tests.jobs.models.migrate.side_by_side import SideBySide
from tests.jobs.models.shop import OTHER, only_long_waits, open_shop
from tests.jobs.student import DoctorCli
from tests.transcripts import check_page, commands

ECHO = "; echo $?"


@pytest.fixture
def page(project: Path) -> Path:
    """The page docs/models.md."""
    return project / "docs" / "models.md"


@pytest.fixture
def side(
    cloud: object,
    az: object,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> SideBySide:
    """The shop, whose first date Azure has moved since the last report."""
    monkeypatch.setattr("jobs.configuration.PROJECT", tmp_path)
    monkeypatch.setenv("JOBS_LOCAL", str(tmp_path / "state"))
    student = DoctorCli(cloud, az, tmp_path, capsys)  # type: ignore[arg-type]
    account = ModelAccount()
    student.manager.providers = [account, *student.manager.providers]
    played = SideBySide(student, open_shop(student, account))
    monkeypatch.setattr("jobs.wait.time.sleep", only_long_waits(played.sleep))
    monkeypatch.setattr("jobs.models.clock.now", lambda: played.time)
    student.run("models", "report", *OTHER)
    file = state_folder() / "models" / "ai-shop.json"
    kept = json.loads(file.read_text())
    kept["models"]["rg-shop/ai-shop/chat"]["retires"] = {"value": "2097-11-21", "seen": "2026-11-02"}
    file.write_text(json.dumps(kept))
    account.states = ("Updating", "Updating", "Updating")
    return played


def run(side: SideBySide, command: str) -> str:
    """What a person sees. Time goes by between two commands about the weights."""
    words = command.removesuffix(ECHO).split()
    screen = StringIO()
    with redirect_stdout(screen), redirect_stderr(screen):
        status = main(words[3:])
    with_status = [str(status)] if command.endswith(ECHO) else []
    assert with_status or status == 0, screen.getvalue()
    if words[4] == "migrate" and side.file.exists() and (not side.shares or side.shares[-1][1] != side.weights):
        side.shares.append((side.time, side.weights))
    if words[4] == "migrate" and words[5] != "plan":
        side.time += timedelta(minutes=9)
    return "\n".join([*without_waits(screen.getvalue()), *with_status])


def test_the_page_shows_what_the_commands_print(side: SideBySide, page: Path) -> None:
    check_page(page, lambda command: run(side, command))
    text = page.read_text(encoding="utf-8")
    assert "Traceback" not in text and "marker-token" not in text
    assert set(side.account.deployments) == {"chat-2", "ptu", "pinned"}


def test_every_command_about_models_is_on_the_page(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    verbs = ("list", "report", "show", "regions", "upgrade", "policy", "scale", "deploy", "adopt", "traffic", "migrate")
    assert not [each for each in verbs if f"models {each}" not in text]
    assert len(commands(text)) >= 12


def test_the_workflow_is_yaml_and_the_router_example_runs(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    workflow = yaml.safe_load(text.split("```yaml\n")[1].split("```")[0])
    (step,) = [each["run"] for each in workflow["jobs"]["report"]["steps"] if "models report" in each.get("run", "")]
    assert "--everywhere --fail-on 90 --format github --snapshot models.json" in step
    example = text.split("```python\n")[1].split("```")[0]
    assert len(example.splitlines()) == 11
    compile(example, "docs/models.md", "exec")
    assert Router(lambda: b'{"weights": {"chat": 100}}').pick("ana") == "chat"
