"""recover: what goes into the state, what is left alone, and that nothing else changes."""

import json
import os
import sys
from pathlib import Path

import pytest

from jobs.recover import look_up
from jobs.recover.candidates import UNKNOWN
from jobs.recover.run import plan_recovery
from tests.jobs.recover.small_pulumi import (
    GROUP_URN,
    TAGS,
    SmallPulumi,
    account_record,
    all_bytes,
    ended_process,
    first_resources,
    record,
)

CREATING = [{"type": "creating", "resource": account_record()}]


def test_an_interrupted_create_that_azure_finished_goes_into_the_state(small_pulumi: SmallPulumi) -> None:
    small_pulumi.write_state(first_resources(), CREATING)
    small_pulumi.write_azure(lake={"tags": TAGS, "provisioningState": "Succeeded"})
    lock = small_pulumi.lock(ended_process())
    before = small_pulumi.state_file.read_bytes()
    status, out, err = small_pulumi.run("--yes", "--json")
    found = json.loads(out)
    assert (status, found["recovered"], len(found["taken"])) == (0, True, 1), err
    assert small_pulumi.urns()[-1] == "lake" and "pending_operations" not in small_pulumi.deployment()
    assert not lock.exists() and "Lifting the lock" in err
    assert Path(found["backup"]).read_bytes().strip() == before.strip()
    assert found["next"] == "pulumi up --stack dev"
    assert small_pulumi.run("--yes") == (0, "Nothing to recover in the stack dev.\n", "")


def test_a_create_that_failed_in_azure_says_so(small_pulumi: SmallPulumi) -> None:
    small_pulumi.write_state(first_resources(), CREATING)
    small_pulumi.write_azure(lake={"tags": TAGS, "properties": {"provisioningState": "Failed"}})
    _, out, err = small_pulumi.run("--yes", "--json")
    assert json.loads(out)["taken"][0]["reason"] == "Azure reports Failed" and "(Azure reports Failed)" in err


def test_a_create_that_azure_does_not_have_is_dropped(small_pulumi: SmallPulumi) -> None:
    small_pulumi.write_state(first_resources(), CREATING)
    status, out, _ = small_pulumi.run("--yes", "--json")
    found = json.loads(out)
    assert (status, found["taken"], len(found["absent"])) == (0, [], 1)
    assert small_pulumi.urns()[-1] == "group" and "pending_operations" not in small_pulumi.deployment()


def test_it_waits_until_azure_has_finished(small_pulumi: SmallPulumi) -> None:
    small_pulumi.write_state(first_resources(), CREATING)
    small_pulumi.write_azure(lake={"tags": TAGS, "provisioningState": "Creating"})
    waits: list[float] = []

    def finish(seconds: float) -> None:
        waits.append(seconds)
        small_pulumi.write_azure(lake={"tags": TAGS, "provisioningState": "Succeeded"})

    plan = plan_recovery("dev", yes=False, sleep=finish)
    assert len(waits) == 1 and [str(each) for each in plan.taken] == ["Microsoft.Storage/storageAccounts stlake"]


def test_what_never_ends_is_an_error_and_the_state_stays(
    small_pulumi: SmallPulumi, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_pulumi.write_state(first_resources(), CREATING)
    small_pulumi.write_azure(lake={"tags": TAGS, "provisioningState": "Creating"})
    monkeypatch.setattr(look_up, "MAX_SECONDS", 0.0)
    before = all_bytes(small_pulumi.folder)
    status, out, _ = small_pulumi.run("--yes", "--json")
    assert status == 1 and json.loads(out)["kind"] == "unavailable"
    assert all_bytes(small_pulumi.folder) == before


def test_a_failed_create_that_stands_is_found_by_the_plan(small_pulumi: SmallPulumi) -> None:
    inputs = {"accountName": UNKNOWN, "containerName": "raw", "resourceGroupName": "rg"}
    container = record("azure-native:storage:BlobContainer", "raw", inputs)
    small_pulumi.write_plan(account_record(), container)
    small_pulumi.write_azure(lake={"tags": TAGS})
    status, _, err = small_pulumi.run("--yes")
    assert status == 0, err
    assert small_pulumi.urns()[-1] == "lake", "the container's account was not known when it was planned"


def test_one_of_which_an_input_is_not_known_is_found_last(small_pulumi: SmallPulumi) -> None:
    """Its dependency is gone: nothing makes that input known before `pulumi up`."""
    later = account_record("later")
    later["inputs"] = later["inputs"] | {"identity": UNKNOWN}
    small_pulumi.write_plan(later, account_record())
    small_pulumi.write_azure(lake={"tags": TAGS}, later={"tags": TAGS})
    assert small_pulumi.run("--yes")[0] == 0
    assert small_pulumi.urns()[-2:] == ["lake", "later"]
    assert "identity" not in small_pulumi.deployment()["resources"][-1]["inputs"]


@pytest.mark.parametrize("tags", [{}, TAGS | {"stack": "prod"}])
@pytest.mark.parametrize("is_pending", [True, False])
def test_what_is_not_of_this_stack_is_left_alone(
    small_pulumi: SmallPulumi, tags: dict[str, str], is_pending: bool
) -> None:
    small_pulumi.write_state(first_resources(), CREATING if is_pending else None)
    small_pulumi.write_plan(account_record())
    small_pulumi.write_azure(lake={"tags": tags})
    status, out, err = small_pulumi.run("--yes", "--json")
    found = json.loads(out)
    assert (status, found["taken"]) == (1, [])
    assert "its tags are" in found["foreign"][0]["reason"] and "storageAccounts stlake" in err
    assert small_pulumi.urns() == ["vector-lake-dev", "default", "group"]


def test_a_dry_run_changes_no_byte(small_pulumi: SmallPulumi, tmp_path: Path) -> None:
    small_pulumi.write_state(first_resources(), CREATING)
    small_pulumi.write_azure(lake={"tags": TAGS})
    small_pulumi.lock(os.getpid(), time="2100-01-01T00:00:00Z")  # it may be alive: a dry run only says so
    before = all_bytes(small_pulumi.folder)
    status, out, err = small_pulumi.run("--dry-run", "--json")
    assert (status, json.loads(out)["dry_run"]) == (0, True), err
    assert "storageAccounts stlake" in err and f"the process {os.getpid()}" in err
    assert all_bytes(small_pulumi.folder) == before
    assert not all_bytes(tmp_path / "local")


@pytest.mark.parametrize("host", [None, "another-machine"])
def test_a_lock_that_may_be_alive_needs_yes(small_pulumi: SmallPulumi, host: str | None) -> None:
    small_pulumi.write_state(first_resources(), CREATING)
    lock = small_pulumi.lock(os.getpid(), host, time="2100-01-01T00:00:00Z")
    status, out, _ = small_pulumi.run("--json")
    found = json.loads(out)
    assert (status, found["kind"]) == (1, "conflict")
    assert f"the process {os.getpid()} of ana" in found["error"] and "--yes" in found["error"]
    assert lock.exists()
    assert small_pulumi.run("--yes")[0] == 0 and not lock.exists()


def test_without_a_terminal_nothing_is_changed_unless_yes(
    small_pulumi: SmallPulumi, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_pulumi.write_state(first_resources(), CREATING)
    before = all_bytes(small_pulumi.folder)
    with Path(os.devnull).open() as no_terminal:
        monkeypatch.setattr(sys, "stdin", no_terminal)
        status, _, err = small_pulumi.run()
    assert status == 2 and "--yes" in err and all_bytes(small_pulumi.folder) == before


def test_the_interrupted_create_of_the_group_itself(small_pulumi: SmallPulumi) -> None:
    group = first_resources()[-1]
    resource_id = group.pop("id")
    small_pulumi.write_state(first_resources()[:-1], [{"type": "creating", "resource": group}])
    role = f"{resource_id[:51]}/providers/Microsoft.Authorization/roleDefinitions/r"
    scope = {"scope": UNKNOWN, "roleDefinitionId": role}
    small_pulumi.write_plan(record("azure-native:authorization:RoleAssignment", "role", scope))
    status, _, err = small_pulumi.run("--yes")
    assert status == 0, err
    assert small_pulumi.deployment()["resources"][-1]["urn"] == GROUP_URN


def test_after_an_interrupted_deletion_the_whole_state_is_compared(small_pulumi: SmallPulumi) -> None:
    """The account was deleted with its container, whose own deletion had not begun."""
    container = record(
        "azure-native:storage:BlobContainer",
        "raw",
        {"accountName": "stlake", "containerName": "raw", "resourceGroupName": "rg"},
        id="/raw",
        dependencies=[account_record()["urn"]],
    )
    account = account_record() | {"id": "/gone"}
    small_pulumi.write_state([*first_resources(), account, container], [{"type": "deleting", "resource": account}])
    status, out, err = small_pulumi.run("--yes", "--json")
    assert (status, len(json.loads(out)["gone"])) == (0, 2), err
    assert small_pulumi.urns() == ["vector-lake-dev", "default", "group"]
