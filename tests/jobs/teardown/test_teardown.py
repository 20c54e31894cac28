"""teardown: what it shows, asks and deletes."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from jobs.errors import JobError
from jobs.teardown.record import RECORDS, find_names
from jobs.teardown.run import plan_teardown
from tests.azure_fakes.azure import HOST, SUBSCRIPTION
from tests.azure_fakes.cloud import Response
from tests.fake_programs import FakeProgram
from tests.jobs.cli_process import Terminal
from tests.jobs.teardown.teardown_cli import GROUP, RESOURCES, TeardownStack


def test_resources_are_shown_destroyed_purged_and_checked(stack: TeardownStack) -> None:
    status, out, err = stack.run("--yes")
    assert status == 0, err
    assert "Microsoft.DBforPostgreSQL/flexibleServers psql-fer-dev" in err
    assert "kv-of-the-outputs" in err and "ai-of-the-outputs" in err
    assert "Resources: 42 deleted" in err  # Pulumi's own words
    assert len(stack.destroys()) == 1
    assert stack.asked() == [
        f"POST /subscriptions/{SUBSCRIPTION}/providers/Microsoft.KeyVault/locations/swedencentral"
        "/deletedVaults/kv-of-the-outputs/purge",
        f"DELETE /subscriptions/{SUBSCRIPTION}/providers/Microsoft.CognitiveServices/locations/francecentral"
        f"/resourceGroups/{GROUP}/deletedAccounts/ai-of-the-outputs",
    ]
    assert "Nothing of the stack dev is left that costs" in out
    assert "vault kv-of-the-outputs, Foundry account ai-of-the-outputs" in out
    assert not RECORDS.file("dev").exists()


def test_the_json_object_has_every_result(stack: TeardownStack) -> None:
    status, out, _ = stack.run("--yes", "--json")
    found = json.loads(out)
    assert (status, found["clean"], found["left"]) == (0, True, [])
    assert found["purged"] == ["vault kv-of-the-outputs", "Foundry account ai-of-the-outputs"]
    assert {each["name"] for each in found["resources"]} == {name for _, name, _ in RESOURCES}


def test_without_a_terminal_and_without_yes_nothing_is_done(
    stack: TeardownStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Path("/dev/null").open() as no_terminal:
        monkeypatch.setattr(sys, "stdin", no_terminal)
        status, _, err = stack.run()
    assert status == 2 and "--yes" in err
    assert not stack.pulumi.calls() and not stack.cloud.requests


def test_a_no_at_the_terminal_deletes_nothing(stack: TeardownStack) -> None:
    terminal = Terminal("teardown", "--target", "dev")
    terminal.wait_for("Delete the stack dev with all the data in it?")
    assert "psql-fer-dev" in terminal.screen
    terminal.type("n\n")
    status, _ = terminal.finish()
    assert status == 1 and "Nothing was deleted" in terminal.screen
    assert not stack.destroys() and not stack.asked()


def test_a_yes_at_the_terminal_does_it(stack: TeardownStack) -> None:
    terminal = Terminal("teardown", "--target", "dev", "--json")
    terminal.wait_for("with all the data in it?")
    terminal.type("y\n")
    status, out = terminal.finish()
    assert status == 0 and json.loads(out)["clean"] is True
    assert len(stack.soft_deleted.purged) == 2


def test_missing_outputs_are_read_from_the_configuration(stack: TeardownStack, az: FakeProgram) -> None:
    stack.pulumi.set_output("stack output --json", {"resource_group": GROUP, "subscription_id": SUBSCRIPTION})
    names = find_names("dev")
    assert (names.resource_group, names.vault, names.foundry) == (GROUP, "kv-fer-dev", "ai-fer-dev")


def test_without_a_login_nothing_is_deleted(stack: TeardownStack, az: FakeProgram) -> None:
    az.set_output("account get-access-token", status=1, err="ERROR: Please run 'az login' to setup account.")
    status, _, err = stack.run("--yes")
    assert status == 1 and "`az login`" in err
    assert not stack.destroys()


def test_a_stack_that_pulumi_does_not_have_is_an_error(stack: TeardownStack) -> None:
    stack.pulumi.set_output("stack output --json", status=255, err="error: no stack named 'dev' found\n")
    status, _, err = stack.run("--yes")
    assert status == 1 and "There is no stack `dev`" in err
    assert not stack.destroys()


def test_the_laptop_is_refused() -> None:
    with pytest.raises(JobError, match="local down"):
        plan_teardown("local")


def test_every_page_of_the_resources_is_read(stack: TeardownStack) -> None:
    assert len(plan_teardown("dev").resources) == 4
    asked = [each for each in stack.cloud.requests if each.path.endswith("/resources")]
    assert [each.query.get("$skiptoken") for each in asked] == [None, "2"]


def test_an_incomplete_answer_is_an_error(stack: TeardownStack) -> None:
    answer: Any = Response(200, {"value": []}, cut=3)
    stack.cloud.services[HOST] = lambda request: answer
    status, _, err = stack.run("--yes")
    assert status == 1 and "Traceback" not in err and not stack.destroys()
