"""`make audit` ends in a sentence where the services cannot be asked, and with their answers otherwise."""

import sys

import pytest

from tests.infra.configuration import ROOT
from tests.supply.audit import ask, npm_command, pip_command
from tests.supply.lock import LOCKS

CLOSED = "http://127.0.0.1:9"


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


@pytest.mark.parametrize(
    ("code", "status", "text"),
    [
        ("import sys; print('No known vulnerabilities found', file=sys.stderr)", 0, "No known"),
        ("print('jinja2 3.1.5 GHSA-1'); raise SystemExit(1)", 1, "GHSA-1"),
        (
            "raise OSError('no way to host')",
            2,
            "could not ask its service (OSError: no way to host): is there a network?",
        ),
        ("raise SystemExit(3)", 2, "could not ask its service (no answer)"),
    ],
)
def test_an_answer_and_no_answer_are_told_apart(
    code: str, status: int, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask("pip-audit", python(code)) == status
    (line,) = capsys.readouterr().out.splitlines()
    assert text in line and "Traceback" not in line


def test_npm_without_a_network_is_a_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy", "npm_config_https_proxy"):
        monkeypatch.setenv(name, CLOSED)
    assert ask("npm audit", [*npm_command(), "--fetch-retries=0"]) == 2
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("npm audit could not ask its service (npm error")


def test_a_program_that_is_not_there_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert ask("pip-audit", ["/no/such/pip-audit"]) == 2
    assert "did not run" in capsys.readouterr().out


def test_every_lock_is_asked_about() -> None:
    assert {str(ROOT / lock) for lock in LOCKS} <= set(pip_command("pip-audit"))
