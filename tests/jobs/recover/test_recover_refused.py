"""recover: what it refuses, what stops it, and how its change is brought back."""

import json
from pathlib import Path

import pytest

from jobs.errors import JobError
from jobs.recover import run
from tests.jobs.recover.small_pulumi import TAGS, SmallPulumi, account_record, all_bytes, first_resources

CREATING = [{"type": "creating", "resource": account_record()}]


@pytest.fixture
def interrupted(small_pulumi: SmallPulumi) -> SmallPulumi:
    """The stack with one interrupted create, which Azure has finished."""
    small_pulumi.write_state(first_resources(), CREATING)
    small_pulumi.write_azure(lake={"tags": TAGS})
    return small_pulumi


def test_a_stack_that_does_not_exist(small_pulumi: SmallPulumi) -> None:
    small_pulumi.state_file.unlink()
    status, out, _ = small_pulumi.run("--yes", "--json")
    found = json.loads(out)
    assert (status, found["kind"]) == (1, "not_found") and "`pulumi stack init dev`" in found["error"]


def test_the_laptop_is_refused(small_pulumi: SmallPulumi) -> None:
    status, _, err = small_pulumi.run("--target", "local")
    assert status == 1 and "local up" in err and not small_pulumi.calls()


def test_a_healthy_stack_is_left_as_it_is(small_pulumi: SmallPulumi) -> None:
    before = all_bytes(small_pulumi.folder)
    assert small_pulumi.run() == (0, "Nothing to recover in the stack dev.\n", "")
    assert all_bytes(small_pulumi.folder) == before


def test_a_stack_without_resources_is_left_as_it_is(small_pulumi: SmallPulumi) -> None:
    small_pulumi.write_state([])
    assert small_pulumi.run("--yes")[0] == 0


def test_pulumi_refuses_the_new_state(interrupted: SmallPulumi) -> None:
    (interrupted.programs / "refuses").write_text(str(interrupted.folder), encoding="utf-8")
    before = all_bytes(interrupted.folder)
    status, _, err = interrupted.run("--yes")
    assert status == 1 and "the old one stays" in err and "disk full" in err
    assert all_bytes(interrupted.folder) == before


def test_a_lock_that_only_the_write_meets(interrupted: SmallPulumi, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a backend that is not a folder: its locks are in Pulumi's error."""
    lock = interrupted.lock(17, "another-machine")
    monkeypatch.setattr(run, "find_locks", lambda stack: [])
    before = all_bytes(interrupted.folder)
    plan = run.plan_recovery("dev", yes=False)
    with pytest.raises(JobError, match="the process 17 of ana on another-machine"):
        run.recover(plan, yes=False)
    assert all_bytes(interrupted.folder) == before
    assert run.recover(plan, yes=True).recovered and not lock.exists() and interrupted.urns()[-1] == "lake"


def test_a_program_that_cannot_be_planned(interrupted: SmallPulumi) -> None:
    (interrupted.programs / "plan.json").unlink()
    before = all_bytes(interrupted.folder)
    status, _, err = interrupted.run("--yes")
    assert status == 1
    assert err == "Pulumi cannot plan the stack `dev` (a wrong setting): fix that, then run the same command again.\n"
    assert all_bytes(interrupted.folder) == before


def test_a_state_that_changes_meanwhile_is_left_as_it_is(
    interrupted: SmallPulumi, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = run.plan_recovery("dev", yes=True)
    interrupted.write_state([*first_resources(), account_record("pictures")])
    before = all_bytes(interrupted.folder)
    with pytest.raises(JobError, match="has changed meanwhile"):
        run.recover(plan, yes=True)
    assert all_bytes(interrupted.folder) == before


def test_undo_brings_the_old_state_back(interrupted: SmallPulumi) -> None:
    assert interrupted.run("--yes")[0] == 0 and interrupted.urns()[-1] == "lake"
    status, out, _ = interrupted.run("--undo", "--yes", "--json")
    assert status == 0 and Path(json.loads(out)["backup"]).is_file()
    assert interrupted.urns()[-1] == "group"
    assert interrupted.deployment()["pending_operations"] == CREATING
    assert interrupted.run("--undo", "--yes")[0] == 0 and interrupted.urns()[-1] == "lake"  # and forth


def test_undo_refuses_to_lose_what_was_recorded_since(interrupted: SmallPulumi) -> None:
    assert interrupted.run("--yes")[0] == 0
    interrupted.write_state([*first_resources(), account_record("pictures") | {"id": "/pictures"}])
    status, _, err = interrupted.run("--undo", "--yes")
    assert status == 1 and "has changed since" in err and "pulumi stack import --file" in err
    assert interrupted.urns()[-1] == "pictures"


def test_there_is_nothing_to_undo(small_pulumi: SmallPulumi) -> None:
    status, _, err = small_pulumi.run("--undo", "--yes")
    assert status == 1 and "nothing to undo" in err
