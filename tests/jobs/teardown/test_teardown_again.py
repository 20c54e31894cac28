"""teardown that breaks off: what is tried again, what is told, and how it goes on."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from jobs.teardown import record
from jobs.teardown.destruction import TRANSIENT_ERRORS
from tests.azure_fakes.cloud import Answer, Cloud, Request
from tests.azure_fakes.programs import Program
from tests.azure_fakes.resource_manager import HOST, SUBSCRIPTION, ResourceManager, refusal
from tests.infra.configuration import ROOT, infra_modules
from tests.jobs.cli_process import Terminal, wait_for
from tests.jobs.teardown.torn_down_stack import BUSY, DESTROY, Stack, scripted, standing


@pytest.fixture
def stack(
    cloud: Cloud, programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Stack:
    monkeypatch.setenv("JOBS_LOCAL", str(tmp_path / "local"))
    return standing(cloud, programs, monkeypatch, capsys)


def test_what_azure_refuses_for_a_moment_is_tried_once_more(stack: Stack) -> None:
    stack.good = 2
    stack.pulumi.says(DESTROY, status=255, err=BUSY)
    stack.pulumi.then("Resources: 42 deleted\n")
    status, _, err = stack.run("--yes")
    assert status == 0, err
    assert len(stack.destroys()) == 2
    assert "once more" in err and "ServerIsBusy" in err


def test_it_is_tried_once_only(stack: Stack) -> None:
    stack.good = 99
    stack.pulumi.says(DESTROY, status=255, err=BUSY)
    stack.pulumi.then(status=255, err=BUSY)
    stack.pulumi.then("Resources: 42 deleted\n")
    status, _, err = stack.run("--yes")
    assert status == 1 and len(stack.destroys()) == 2
    assert "ServerIsBusy" in err.splitlines()[-1] and "run the same command again" in err
    assert not stack.asked()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            'error: resource "urn:pulumi:dev::lake" cannot be deleted\nbecause it is protected. To unprotect it...',
            "`pulumi config set protectLake false --stack dev`, `pulumi up --stack dev`",
        ),
        ("error: the stack is currently locked by 1 lock(s).", "`pulumi cancel --stack dev`"),
        ("error: something else\n", r"(something else)"),
    ],
)
def test_what_stops_pulumi_is_told_with_the_command_and_not_tried_again(stack: Stack, said: str, told: str) -> None:
    stack.good = 99
    stack.pulumi.says(DESTROY, status=255, err=said)
    status, _, err = stack.run("--yes")
    assert status == 1 and told in err.splitlines()[-1]
    assert len(stack.destroys()) == 1 and not stack.asked()
    assert record.file("dev").exists()


def test_killed_in_the_middle_it_goes_on_with_the_names_it_wrote_down(stack: Stack, programs: Path) -> None:
    kept = (programs / "pulumi").read_text(encoding="utf-8")
    scripted(programs, 'while True: print("deleting", flush=True); time.sleep(0.05)\n')
    command = [sys.executable, "-m", "jobs", "teardown", "--target", "dev", "--yes"]
    with (programs / "seen").open("w+", encoding="utf-8") as seen:
        killed = subprocess.Popen(command, cwd=ROOT, stderr=seen, stdin=subprocess.DEVNULL)
        wait_for(lambda: "deleting" in (programs / "seen").read_text(), lambda: (programs / "seen").read_text())
        killed.kill()
        killed.wait()
    assert record.file("dev").exists()

    (programs / "pulumi").write_text(kept, encoding="utf-8")
    stack.pulumi.says("stack output --json", {})  # the outputs have gone with the rest
    status, _, err = stack.run("--yes")
    assert status == 0, err
    assert stack.bin.purged == ["kv-of-the-outputs", "ai-of-the-outputs"]
    assert not record.file("dev").exists()


def test_ctrl_c_waits_for_the_clean_end_of_pulumi(stack: Stack, programs: Path) -> None:
    code = """
        print("deleting", flush=True)
        while not (here / "go").exists(): time.sleep(0.02)
        print("the last words")
        sys.exit(1)
    """
    scripted(programs, textwrap.dedent(code))
    terminal = Terminal("teardown", "--target", "dev", "--yes")
    terminal.wait("deleting")
    terminal.interrupt()
    terminal.wait("Waiting for Pulumi")
    (programs / "go").touch()
    status, _ = terminal.end()
    assert status == 130 and "the last words" in terminal.screen
    assert record.file("dev").exists() and not stack.asked()


def test_a_purge_that_is_refused_is_told_and_done_the_next_time(stack: Stack) -> None:
    stack.bin.first = [refusal(403, "AuthorizationFailed")]
    status, _, err = stack.run("--yes")
    assert status == 1 and "role Key Vault Contributor" in err
    assert record.file("dev").exists()
    stack.pulumi.says("stack output --json", {})
    assert stack.run("--yes")[0] == 0
    assert len(stack.bin.purged) == 2


def test_what_has_gone_from_the_bin_meanwhile_is_purged_too(stack: Stack) -> None:
    def gone_meanwhile(request: Request) -> Answer | None:
        found = stack.bin(request)
        return found if request.method == "GET" else refusal(404, "ResourceNotFound") if found else None

    stack.cloud.services[HOST] = ResourceManager([stack.groups, gone_meanwhile])
    status, out, err = stack.run("--yes")
    assert status == 0 and "pulumi up" not in err, err
    assert "Purged from Azure's bin: vault kv-of-the-outputs" in out


def test_run_again_when_all_is_gone_it_says_so(stack: Stack, az: Program) -> None:
    az.says("account show", {"id": SUBSCRIPTION, "user": {"name": "ana", "type": "user"}})
    stack.pulumi.says("stack output --json", {})
    stack.good = 0
    stack.bin.lying.clear()
    status, out, err = stack.run("--yes")
    assert status == 0 and "Nothing of the stack dev is left" in out and "nothing: it is gone" in err
    assert not stack.asked()


def test_all_that_the_program_tries_again_is_tried_again_here() -> None:
    with infra_modules():
        import retries  # type: ignore[import-not-found]

        known = str(retries.TRANSIENT.pattern).split("|")
    assert all(TRANSIENT_ERRORS.search(each) for each in known)
