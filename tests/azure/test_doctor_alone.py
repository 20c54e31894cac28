"""The doctor on a machine with little or nothing: no programs, no login, no network, no answer."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from jobs import configuration
from jobs.doctor import machine, providers
from tests.azure.cloud import Answer, Cloud, Request
from tests.azure.doctors import World
from tests.azure.programs import Program
from tests.azure.resource_manager import refusal
from tests.infra.configuration import OFFERED, ROOT
from tests.infra.modes import MODES
from tests.infra.recorder import run_program


def alone(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command with an empty PATH and HOME, and a network in which nothing answers."""
    environment = {"PATH": str(folder), "HOME": str(folder), "USERPROFILE": str(folder), "HTTPS_PROXY": "127.0.0.1:9"}
    kept = {name: value for name, value in os.environ.items() if name in ("SYSTEMROOT", "TEMP", "TMPDIR")}
    words = [sys.executable, "-m", "jobs", *arguments]
    return subprocess.run(
        words, cwd=ROOT, env=kept | environment, capture_output=True, text=True, check=False, timeout=60
    )


def test_with_nothing_configured_it_is_one_screen_and_exit_1(tmp_path: Path) -> None:
    done = alone(tmp_path, "doctor", "--target", "dev")
    assert done.returncode == 1
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) <= 24
    for said in ("The Pulumi CLI is not installed", "The Azure CLI is not installed", "2 problems to mend"):
        assert said in done.stdout
    assert len([line for line in done.stdout.splitlines() if line.startswith("skipped")]) == 1


@pytest.mark.parametrize("command", ["list", "preflight"])
def test_with_nothing_configured_the_models_are_a_sentence(tmp_path: Path, command: str) -> None:
    done = alone(tmp_path, "models", command)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "`az login`" in done.stderr


def test_a_login_that_is_no_network_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    status, checks = world.doctor()
    assert status == 1
    assert checks["subscription"]["status"] == "problem"
    assert "does not answer" in checks["subscription"]["message"]
    assert checks["azure"]["status"] == "skipped"


@pytest.fixture
def world(
    cloud: Cloud, az: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> World:
    monkeypatch.setattr("jobs.configuration.PROJECT", tmp_path)
    return World(cloud, az, tmp_path, capsys)


@pytest.fixture
def release() -> Iterator[Event]:
    """Lets go of the requests that a test keeps waiting, and waits for the thread that was left behind with one."""
    event = Event()
    yield event
    event.set()
    for thread in threading.enumerate():
        if thread.name in ("roles", "subscription"):
            thread.join(30)


def test_what_does_not_answer_in_time_is_left_behind(
    world: World, release: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.doctor.SECONDS", 3.0)
    answer = world.manager.__call__

    def slow(request: Request) -> Answer:
        if request.path.endswith("/permissions"):
            release.wait(60)
        return answer(request)

    world.cloud.services["management.azure.com"] = slow
    status, checks = world.doctor()
    assert status == 0
    assert "in time" in checks["roles"]["message"]
    assert checks["names"]["status"] == "ok"


def test_when_azure_does_not_answer_at_all_nothing_is_ready(
    world: World, release: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.doctor.SECONDS", 2.0)

    def silent(request: Request) -> Answer:
        release.wait(60)
        return refusal(404, "SubscriptionNotFound")

    world.cloud.services["management.azure.com"] = silent
    status, checks = world.doctor()
    assert status == 1
    assert "are you online" in checks["subscription"]["message"]
    assert checks["azure"]["status"] == "skipped"


def test_what_does_not_answer_does_not_hold_the_process(world: World, release: Event) -> None:
    answer = world.manager.__call__

    def slow(request: Request) -> Answer:
        if request.path.endswith("/permissions"):
            release.wait(60)
        return answer(request)

    world.cloud.services["management.azure.com"] = slow
    hurried = (
        "import jobs.doctor as d, jobs.entry as e; d.SECONDS = 5.0; raise SystemExit(e.main(['doctor', '--json']))"
    )
    words = [sys.executable, "-c", hurried]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, timeout=40)
    assert not release.is_set()
    assert "in time" in {each["name"]: each["message"] for each in json.loads(done.stdout)["checks"]}["roles"]
    assert "Traceback" not in done.stderr


def test_nobody_logged_in_is_told_with_the_command(world: World) -> None:
    world.az.says("account show", status=1, err="ERROR: Please run 'az login' to setup account.")
    status, checks = world.doctor()
    assert status == 1
    assert checks["azure login"]["fix"] == "az login"
    assert not world.cloud.asked


def test_a_stack_without_a_file_is_a_warning(world: World) -> None:
    (world.project / "Pulumi.ana.yaml").unlink()
    status, checks = world.doctor()
    assert status == 0
    assert checks["stack"]["fix"] == "pulumi stack init ana"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("config: [", "Pulumi.ana.yaml cannot be read"),
        ("- 1", "Pulumi.ana.yaml holds no settings"),
        ("config: 7", "Pulumi.ana.yaml holds no settings"),
        ("config:\n  vector-lake:budgetAmount: many\n", "Pulumi.ana.yaml has a wrong value"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_sentence(world: World, text: str, sentence: str) -> None:
    (world.project / "Pulumi.ana.yaml").write_text(text)
    status, seen = world.run("doctor", "--target", "ana")
    assert (status, seen.count("\n")) == (1, 1)
    assert sentence in seen


@pytest.mark.parametrize("arguments", [["--my-ip", "here"], ["--my-ip", "::1"], ["--my-ip", "1.2.3"]])
def test_an_address_that_is_none_is_wrong_usage(world: World, arguments: list[str]) -> None:
    status, seen = world.run("doctor", *arguments)
    assert status == 2
    assert "IPv4" in seen


def test_the_laptop_needs_no_doctor(world: World) -> None:
    status, seen = world.run("doctor", "--target", "local")
    assert status == 1
    assert "--target dev" in seen


def test_packages_are_held_against_the_pins(tmp_path: Path) -> None:
    (tmp_path / "more.txt").write_text("rich==1.0\n")
    (tmp_path / "requirements.txt").write_text("-r more.txt\n\n# text\nno-such-thing==1.0 # why\ntyper~=0.1.2\n")
    found = machine.packages(tmp_path / "requirements.txt")
    assert found.status == "problem"
    assert "no-such-thing missing" in found.message and "rich 15" in found.message and "typer 0" in found.message
    assert "-m pip install -r requirements.txt" in found.fix
    assert machine.packages().status == "ok"


@pytest.mark.parametrize(
    ("version", "pin", "fitting"),
    [
        ("2.13.0+cpu", ("==", "2.13.0"), True),
        ("2.13.1", ("==", "2.13.0"), False),
        ("3.29.4", ("~=", "3.29.0"), True),
        ("3.30.0", ("~=", "3.29.0"), False),
        (None, ("==", "1"), False),
    ],
)
def test_a_version_fits_its_pin(version: str | None, pin: tuple[str, str], fitting: bool) -> None:
    assert machine.fits(version, *pin) == fitting


def test_an_old_python_is_a_problem() -> None:
    assert machine.python((3, 10, 4)).status == "problem"


NAMESPACES = {
    "cognitiveservices": "Microsoft.CognitiveServices",
    "consumption": "Microsoft.Consumption",
    "datafactory": "Microsoft.DataFactory",
    "dbforpostgresql": "Microsoft.DBforPostgreSQL",
    "keyvault": "Microsoft.KeyVault",
    "monitor": "Microsoft.Insights",
    "network": "Microsoft.Network",
    "operationalinsights": "Microsoft.OperationalInsights",
    "privatedns": "Microsoft.Network",
    "search": "Microsoft.Search",
    "storage": "Microsoft.Storage",
}
ALWAYS_REGISTERED = {"authorization", "resources"}


@pytest.mark.parametrize("mode", MODES)
def test_the_providers_are_those_of_the_program(mode: str) -> None:
    tokens = [each.token.split(":") for each in run_program(MODES[mode]).registered]
    modules = {token[1] for token in tokens if token[0] == "azure-native"} - ALWAYS_REGISTERED
    values = {key: each["default"] for key, each in OFFERED.items()} | MODES[mode]
    chosen = configuration.configuration("test", True, values)
    assert set(providers.needed(chosen)) == {NAMESPACES[module] for module in modules}
