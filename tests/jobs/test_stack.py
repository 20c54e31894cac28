"""A stack read through the Pulumi CLI: its outputs, and one sentence for each error."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from jobs.errors import JobError
from jobs.target import load_target
from jobs.teardown.run import plan_teardown
from tests.fake_programs import FakeProgram
from tests.jobs.cli_process import without_waits
from tests.jobs.test_target import OUTPUTS, outputs

ASK = "stack output --json --show-secrets --stack dev"


@pytest.fixture
def pulumi(programs: Path) -> FakeProgram:
    return FakeProgram(programs, "pulumi")


def test_the_outputs_of_a_stack_are_read(pulumi: FakeProgram) -> None:
    pulumi.set_output(ASK, outputs())
    assert load_target("dev").postgres_host == OUTPUTS["postgres_host"]
    assert pulumi.calls() == [ASK.split()]


# Errors as Pulumi 3 writes them to stderr.
@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        ("error: no stack named 'dev' found", r"no stack `dev`: `pulumi stack ls`.*`pulumi stack init dev`"),
        (
            "error: PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions",
            r"not logged in: run `pulumi login --local`",
        ),
        (
            "error: getting stack: [401] Unauthorized: No credentials provided or are invalid.",
            r"not logged in: run `pulumi login",
        ),
        (
            "error: passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE environment "
            "variables",
            r"needs the passphrase of the stack `dev`: set PULUMI_CONFIG_PASSPHRASE",
        ),
        (
            'error: constructing secrets manager of type "passphrase": unable to find either '
            "`PULUMI_CONFIG_PASSPHRASE` or `PULUMI_CONFIG_PASSPHRASE_FILE` when trying to access the Passphrase "
            "Secrets Provider",
            r"needs the passphrase",
        ),
        ("error: getting secrets manager: incorrect passphrase", r"not the passphrase of the stack `dev`"),
        ("error: no Pulumi.yaml project file found (searching upwards from /x)", r"no Pulumi\.yaml"),
        (
            "warning: A new version of Pulumi is available. To upgrade from version '3.244.0' to '3.272.0', run\n"
            "   $ brew upgrade pulumi\nerror: the sky fell",
            r"`dev` \(the sky fell\): see",
        ),
        ("error: the sky fell\nand more", r"`dev` \(the sky fell\): see `pulumi stack ls`"),
        ("", r"no reason given"),
    ],
)
def test_an_error_of_the_cli_is_one_sentence(pulumi: FakeProgram, error: str, sentence: str) -> None:
    pulumi.set_output("stack output", status=255, err=error)
    with pytest.raises(JobError, match=sentence) as caught:
        load_target("dev")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("out", "sentence"),
    [
        ("{}", r"has no outputs: run `pulumi up --stack dev`"),
        ("[]", r"has no outputs"),
        ("marker", r"not valid JSON: update the Pulumi CLI"),
        (
            json.dumps({**outputs(), "lake_url": None, "vault_url": None}),
            r"lake_url, vault_url: run `pulumi up --stack dev`",
        ),
    ],
)
def test_missing_outputs_are_one_sentence(pulumi: FakeProgram, out: str, sentence: str) -> None:
    pulumi.set_output(ASK, out)
    with pytest.raises(JobError, match=sentence) as caught:
        load_target("dev")
    assert "marker" not in str(caught.value) and "secret" not in str(caught.value)


@pytest.mark.parametrize("name", ["", " "])
def test_a_stack_without_a_name_is_not_the_one_that_pulumi_has_selected(pulumi: FakeProgram, name: str) -> None:
    for ask in (load_target, plan_teardown):
        with pytest.raises(JobError, match=r"has no name: `pulumi stack ls`"):
            ask(name)
    assert pulumi.calls() == []


def test_a_file_of_an_older_stack_names_both_commands(tmp_path: Path) -> None:
    file = tmp_path / "outputs.json"
    file.write_text(json.dumps({**outputs(), "search_url": None}))
    with pytest.raises(
        JobError, match=r"no output search_url: run `pulumi up`, then `pulumi stack output.*> .*\.json`"
    ):
        load_target("dev", file)


def test_without_the_cli(programs: Path) -> None:
    with pytest.raises(JobError, match=r"not installed.*--outputs FILE.*--target local"):
        load_target("dev")


def test_the_command_line_reports_it_too(pulumi: FakeProgram) -> None:
    pulumi.set_output("stack output", status=255, err="error: no stack named 'dev' found")
    words = [sys.executable, "-m", "jobs", "migrate", "--target", "dev", "--json"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=os.environ)
    assert done.returncode == 1
    assert json.loads(done.stdout) == {"error": "\n".join(without_waits(done.stderr)), "kind": "not_found"}
