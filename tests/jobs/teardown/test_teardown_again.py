"""An interrupted teardown: what is retried, what is reported, and how it goes on."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from jobs.teardown.destruction import TRANSIENT_ERRORS
from jobs.teardown.record import RECORDS
from tests.azure_fakes.azure import SUBSCRIPTION
from tests.azure_fakes.cloud import Request, Response
from tests.azure_fakes.resource_manager import error_response
from tests.fake_programs import FakeProgram
from tests.infra.configuration import ROOT, infra_modules
from tests.jobs.cli_process import Terminal, wait_for
from tests.jobs.teardown.teardown_cli import BUSY, DESTROY, GROUP, TeardownStack, write_pulumi_script


def test_a_transient_error_is_retried(stack: TeardownStack) -> None:
    stack.succeeds_at = 2
    stack.pulumi.set_output(DESTROY, status=255, err=BUSY)
    stack.pulumi.add_output("Resources: 42 deleted\n")
    status, _, err = stack.run("--yes")
    assert status == 0, err
    assert len(stack.destroys()) == 2
    assert "once more" in err and "ServerIsBusy" in err


def test_it_is_retried_only_once(stack: TeardownStack) -> None:
    stack.succeeds_at = 99
    stack.pulumi.set_output(DESTROY, status=255, err=BUSY)
    stack.pulumi.add_output(status=255, err=BUSY)
    stack.pulumi.add_output("Resources: 42 deleted\n")
    status, _, err = stack.run("--yes")
    assert status == 1 and len(stack.destroys()) == 2
    assert "ServerIsBusy" in err.splitlines()[-1] and "run the same command again" in err
    assert not stack.asked()


@pytest.mark.parametrize(
    ("output", "message"),
    [
        (
            'error: resource "urn:pulumi:dev::lake" cannot be deleted\nbecause it is protected. To unprotect it...',
            "`pulumi config set protectLake false --stack dev`, `pulumi up --stack dev`",
        ),
        ("error: the stack is currently locked by 1 lock(s).", "`pulumi cancel --stack dev`"),
        ("error: something else\n", r"(something else)"),
    ],
)
def test_another_error_is_reported_with_the_command_and_not_retried(
    stack: TeardownStack, output: str, message: str
) -> None:
    stack.succeeds_at = 99
    stack.pulumi.set_output(DESTROY, status=255, err=output)
    status, _, err = stack.run("--yes")
    assert status == 1 and message in err.splitlines()[-1]
    assert len(stack.destroys()) == 1 and not stack.asked()
    assert RECORDS.file("dev").exists()


def test_killed_it_goes_on_with_the_recorded_names(stack: TeardownStack, programs: Path) -> None:
    kept = (programs / "pulumi").read_text(encoding="utf-8")
    write_pulumi_script(programs, 'while True: print("deleting", flush=True); time.sleep(0.05)\n')
    command = [sys.executable, "-m", "jobs", "teardown", "--target", "dev", "--yes"]
    with (programs / "seen").open("w+", encoding="utf-8") as seen:
        killed = subprocess.Popen(command, cwd=ROOT, stderr=seen, stdin=subprocess.DEVNULL)
        wait_for(lambda: "deleting" in (programs / "seen").read_text(), lambda: (programs / "seen").read_text())
        killed.kill()
        killed.wait()
    assert RECORDS.file("dev").exists()

    (programs / "pulumi").write_text(kept, encoding="utf-8")
    stack.pulumi.set_output("stack output --json", {})  # the outputs have gone with the rest
    status, _, err = stack.run("--yes")
    assert status == 0, err
    assert stack.soft_deleted.purged == ["kv-of-the-outputs", "ai-of-the-outputs"]
    assert not RECORDS.file("dev").exists()


def test_ctrl_c_waits_until_pulumi_has_ended(stack: TeardownStack, programs: Path) -> None:
    code = """
        print("deleting", flush=True)
        while not (here / "go").exists(): time.sleep(0.02)
        print("the last words")
        sys.exit(1)
    """
    write_pulumi_script(programs, textwrap.dedent(code))
    terminal = Terminal("teardown", "--target", "dev", "--yes")
    terminal.wait_for("deleting")
    terminal.interrupt()
    terminal.wait_for("Waiting for Pulumi")
    (programs / "go").touch()
    status, _ = terminal.finish()
    assert status == 130 and "the last words" in terminal.screen
    assert RECORDS.file("dev").exists() and not stack.asked()


def test_a_refused_purge_is_reported_and_done_the_next_time(stack: TeardownStack) -> None:
    stack.soft_deleted.first_responses = [error_response(403, "AuthorizationFailed")]
    status, _, err = stack.run("--yes")
    assert status == 1 and "role Key Vault Contributor" in err
    assert RECORDS.file("dev").exists()
    stack.pulumi.set_output("stack output --json", {})
    assert stack.run("--yes")[0] == 0
    assert len(stack.soft_deleted.purged) == 2


def test_a_resource_that_is_purged_meanwhile_counts_as_purged(stack: TeardownStack) -> None:
    def gone_meanwhile(request: Request) -> Response | None:
        answer = None if request.method == "GET" else stack.soft_deleted(request)
        return error_response(404, "ResourceNotFound") if answer else None

    stack.played.manager.providers.insert(0, gone_meanwhile)
    status, out, err = stack.run("--yes")
    assert status == 0 and "pulumi up" not in err, err
    assert "Purged: vault kv-of-the-outputs" in out


def test_without_resources_it_says_so(stack: TeardownStack, az: FakeProgram) -> None:
    az.set_output("account show", {"id": SUBSCRIPTION, "user": {"name": "ana", "type": "user"}})
    stack.pulumi.set_output("stack output --json", {})
    stack.succeeds_at = 0
    stack.azure.remove(f"{ROOT}/resourceGroups/{GROUP}")
    stack.azure.deleted.clear()
    status, out, err = stack.run("--yes")
    assert status == 0 and "Nothing of the stack dev is left" in out and "nothing: it is gone" in err
    assert not stack.asked()


def test_every_error_that_the_program_retries_is_retried() -> None:
    with infra_modules():
        import retries  # type: ignore[import-not-found]

        known = str(retries.TRANSIENT.pattern).split("|")
    assert all(TRANSIENT_ERRORS.search(each) for each in known)
