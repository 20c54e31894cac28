"""models explain: Azure's errors as pasted, in any wrapping and language."""

import io
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from jobs.entry import main
from jobs.models.error_meanings import MEANINGS
from jobs.target import Target
from tests.jobs.student import DoctorCli

# The original document's own error, with the portal's Spanish text.
DOCUMENT = """Si nos encontramos el siguiente error:
{
  "code": "InvalidTemplateDeployment",
  "details": [
    {
      "code": "InsufficientQuota",
      "message": "Insufficient quota. Cannot create/update/move resource 'ia2-azure-openai'."
    }
  ],
  "message": "La implementación de la plantilla \\"OpenAICreate-20250927165230\\" no es válida."
}"""


def explain(capsys: pytest.CaptureFixture[str], file: Path, text: bytes, status: int = 0) -> dict[str, Any]:
    file.write_bytes(text)
    assert main(["models", "explain", str(file), "--json"]) == status
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    return result


@pytest.fixture
def file(tmp_path: Path, programs: Path) -> Path:
    return tmp_path / "error.txt"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_documents_own_error(file: Path, encoding: str, capsys: pytest.CaptureFixture[str]) -> None:
    result = explain(capsys, file, DOCUMENT.encode(encoding))
    assert (result["code"], result["regions"]) == ("InsufficientQuota", [])
    assert any("aiLocation" in each for each in result["advice"])
    assert any("whole subscription" in each for each in result["advice"])


@pytest.mark.parametrize("code", MEANINGS)
def test_each_code_has_one_sentence_and_a_way_on(file: Path, code: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = f'azure-native:cognitiveservices:Deployment (model-chat): error: Status=400 Code="{code}" Message="..."'
    result = explain(capsys, file, text.encode())
    assert result["code"] == code and result["meaning"].endswith(".") and result["advice"]


@pytest.mark.parametrize(
    "text",
    [
        DOCUMENT[: DOCUMENT.index("Cannot create")],  # copied to its half
        "(InsufficientQuota) Insufficient quota. Cannot create/update/move resource 'x'.\nCode: InsufficientQuota",
        '2026-11-26 INFO {"step": 1}\nERROR {} azure: {"error": {"details": [{"code": "InsufficientQuota"}]}}',
        json.dumps({"error": {"code": "DeploymentFailed", "message": DOCUMENT}}),
        json.dumps([{"a": {"b": [{"innererror": {"code": "InsufficientQuota"}}]}}]),
    ],
)
def test_it_is_found_in_a_log_in_a_half_and_in_any_nesting(
    file: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert explain(capsys, file, text.encode())["code"] == "InsufficientQuota"


def test_every_code_of_a_log_is_named_where_none_is_known(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = '{"step": 1} then {"code": "One"} and [{"code": "Two"}]'
    assert "it has One, Two" in explain(capsys, file, text.encode(), status=1)["error"]


@pytest.mark.parametrize("text", ["", "it failed", '{"code": "Other\\u001b[31m"}', '{"a": ' * 9999, "{" * 999])
def test_what_is_not_known_is_said(file: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    error = explain(capsys, file, text.encode(), status=1)["error"]
    assert "No code in this text is known here" in error and "\x1b" not in error


def test_a_pasted_error_is_read_from_stdin(
    programs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("Code: ServiceModelDeprecated"))
    assert main(["models", "explain", "-"]) == 0
    assert "ServiceModelDeprecated: The model's version is retired" in capsys.readouterr().out
    assert main(["models", "explain", "none.txt", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["kind"] == "not_found"


def test_with_a_login_regions_with_room_are_listed(student: DoctorCli, tmp_path: Path) -> None:
    student.ai.capacities = {
        ("swedencentral", "GlobalStandard"): 0,
        ("eastus2", "GlobalStandard"): 90,
        ("westus", "DataZoneStandard"): 5,
    }
    (tmp_path / "e.json").write_text(DOCUMENT, encoding="utf-8")
    words = ["models", "explain", str(tmp_path / "e.json"), "--target", "ana", "--json"]
    status, seen = student.run(*words)
    assert status == 0, seen
    assert [(each["region"], each["free"]) for each in json.loads(seen.splitlines()[0])["regions"]] == [
        ("eastus2", 90),
        ("westus", 5),
    ], seen


def test_the_outputs_of_a_stack_say_which_subscription(student: DoctorCli, target: Target, tmp_path: Path) -> None:
    """No settings and no `az` name one: with the outputs of a stack, its own is asked."""
    student.ai.capacities = {("eastus2", "GlobalStandard"): 90}
    (tmp_path / "e.json").write_text(DOCUMENT, encoding="utf-8")
    (tmp_path / "o.json").write_text(json.dumps(asdict(replace(target, subscription_id="another"))))
    words = ["models", "explain", str(tmp_path / "e.json"), "--target", "ana", "--outputs", str(tmp_path / "o.json")]
    status, seen = student.run(*words)
    assert status == 0, seen
    assert any("/subscriptions/another/" in each.path for each in student.cloud.requests), seen
