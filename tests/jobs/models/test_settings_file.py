"""The setting `models` in a stack's file: changed in place, with comments, order, quotation marks and line ends."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from jobs import configuration
from tests.azure_fakes.cognitive_services import model
from tests.azure_fakes.model_account import ModelAccount
from tests.jobs.models.shop import LUNA, moment
from tests.jobs.student import DoctorCli

NEWER = "2026-11-01"
COMMENTED = """\
# The stack of Ana
config:
  vector-lake:nameSuffix: ana   # short
  vector-lake:resourceGroup: 'rg-vector-lake-ana'

  vector-lake:models:
    # For the chat
    - alias: chat        # its name
      model: gpt-5.6-luna
      version: '2026-07-09'   # of July
      sku: "GlobalStandard"
      capacity: 10
    - {alias: second, model: gpt-5.6-luna, version: "2026-07-09", sku: GlobalStandard, capacity: 5}
  vector-lake:search: none
"""


@pytest.fixture
def newer(student: DoctorCli, played: ModelAccount, sleeps: list[float]) -> ModelAccount:
    """A deployment `chat` of the stack, whose model has a newer version."""
    student.ai.models = [
        model(*LUNA, skus=[("GlobalStandard", moment(412))]),
        model(LUNA[0], NEWER, isDefaultVersion=False, skus=[("GlobalStandard", moment(500))]),
    ]
    played.add("chat", *LUNA)
    played.add("second", *LUNA, capacity=5)
    return played


@pytest.fixture
def file(student: DoctorCli) -> Path:
    """The stack's file."""
    return student.project / "Pulumi.ana.yaml"


def upgrade(student: DoctorCli, *more: str) -> tuple[int, str]:
    return student.run("models", "upgrade", "chat", f"@{NEWER}", "--target", "ana", "--yes", *more)


def result_of(seen: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(seen[seen.index('{"name"') : seen.rindex("}") + 1])
    return found


def test_only_the_version_changes_in_the_file(student: DoctorCli, newer: ModelAccount, file: Path) -> None:
    file.write_text(COMMENTED)
    status, seen = upgrade(student, "--write")
    assert status == 0, seen
    assert file.read_text() == COMMENTED.replace("'2026-07-09'   # of July", f"'{NEWER}'   # of July")


def test_line_ends_stay(student: DoctorCli, newer: ModelAccount, file: Path) -> None:
    file.write_bytes(COMMENTED.replace("\n", "\r\n").encode())
    assert upgrade(student, "--write")[0] == 0
    assert file.read_bytes() == COMMENTED.replace("'2026-07-09'", f"'{NEWER}'").replace("\n", "\r\n").encode()


def test_without_write_the_line_is_printed_and_the_file_stays(
    student: DoctorCli, newer: ModelAccount, file: Path
) -> None:
    file.write_text(COMMENTED)
    status, seen = upgrade(student)
    line = next(each.strip() for each in seen.splitlines() if each.startswith("  vector-lake:models: "))
    versions = [each["version"] for each in json.loads(line.removeprefix("vector-lake:models: "))]
    assert (status, versions, file.read_text()) == (0, [NEWER, "2026-07-09"], COMMENTED)


def test_a_stack_on_the_default_list_gets_the_whole_list(
    student: DoctorCli, played: ModelAccount, sleeps: list[float], file: Path
) -> None:
    played.add("chat", "gpt-5.4-mini", "2026-03-17", capacity=1)
    student.ai.models.append(model("gpt-5.4-mini", NEWER, skus=[("GlobalStandard", moment(500))]))
    assert upgrade(student, "--write")[0] == 0
    default = yaml.safe_load((student.project / "Pulumi.yaml").read_text())["config"]["models"]["default"]
    assert configuration.read_configuration("ana").models == ({**default[0], "version": NEWER},)
    assert f'version: "{NEWER}"' in file.read_text()
    assert yaml.safe_load(file.read_text())["config"]["vector-lake:nameSuffix"] == "ana"


def test_the_text_that_config_set_writes_stays_a_text(student: DoctorCli, newer: ModelAccount, file: Path) -> None:
    entries = yaml.safe_load(COMMENTED)["config"]["vector-lake:models"]
    student.configure(models=json.dumps(entries))
    assert upgrade(student, "--write")[0] == 0
    text = yaml.safe_load(file.read_text())["config"]["vector-lake:models"]
    assert [each["version"] for each in json.loads(text)] == [NEWER, "2026-07-09"]


def test_a_version_that_yaml_made_a_date_becomes_a_text(student: DoctorCli, newer: ModelAccount, file: Path) -> None:
    file.write_text(COMMENTED.replace("'2026-07-09'", "2026-07-09"))
    assert upgrade(student, "--write")[0] == 0
    assert f'version: "{NEWER}"' in file.read_text()


def test_an_anchor_that_another_entry_shares_is_refused(student: DoctorCli, newer: ModelAccount, file: Path) -> None:
    shared = COMMENTED.replace("- alias: chat ", "- &chat\n      alias: chat ").replace(
        '- {alias: second, model: gpt-5.6-luna, version: "2026-07-09", sku: GlobalStandard, capacity: 5}',
        "- <<: *chat\n      alias: second\n      capacity: 5",
    )
    file.write_text(shared)
    status, seen = upgrade(student, "--write")
    assert (status, file.read_text()) == (1, shared)
    assert "anchors" in seen and f'"version": "{NEWER}"' in seen


def test_an_anchor_that_nothing_else_uses_stays(student: DoctorCli, newer: ModelAccount, file: Path) -> None:
    file.write_text(COMMENTED.replace("'2026-07-09'", "&july '2026-07-09'"))
    assert upgrade(student, "--write")[0] == 0
    assert configuration.read_configuration("ana").models[0]["version"] == NEWER


def test_the_capacity_and_the_policy_are_written_too(student: DoctorCli, newer: ModelAccount, file: Path) -> None:
    file.write_text(COMMENTED)
    more = ("--target", "ana", "--yes", "--write", "--json")
    seen = student.run("models", "scale", "chat", "20", *more)[1]
    assert result_of(seen)["written"] is True
    assert student.run("models", "policy", "second", "OnceCurrentVersionExpired", *more)[0] == 0
    first, second = configuration.read_configuration("ana").models
    assert (first["capacity"], second["upgradePolicy"]) == (20, "OnceCurrentVersionExpired")
    assert file.read_text().count("#") == COMMENTED.count("#")


def test_adopt_takes_over_what_azure_did(student: DoctorCli, newer: ModelAccount, file: Path) -> None:
    file.write_text(COMMENTED)
    newer.add("chat", LUNA[0], NEWER, capacity=12)
    status, seen = student.run("models", "adopt", "--target", "ana", "--json")
    found = json.loads(seen)
    changed = {(each["name"], each["key"], each["is"]) for each in found["entries"]}
    assert (status, found["written"], changed) == (0, False, {("chat", "version", NEWER), ("chat", "capacity", 12)})
    assert file.read_text() == COMMENTED
    assert student.run("models", "adopt", "chat", "--target", "ana", "--write")[0] == 0
    assert configuration.read_configuration("ana").models[0]["capacity"] == 12
    assert json.loads(student.run("models", "adopt", "--target", "ana", "--json")[1])["entries"] == []
    assert student.run("models", "adopt", "other", "--target", "ana")[0] == 1


def test_a_new_deployment_of_a_stack_is_an_entry_that_pulumi_creates(
    student: DoctorCli, newer: ModelAccount, file: Path
) -> None:
    file.write_text(COMMENTED)
    words = ("models", "deploy", "third", f"{LUNA[0]}@{NEWER}", "--sku", "GlobalStandard", "--capacity", "1")
    status, seen = student.run(*words, "--target", "ana", "--yes", "--write")
    assert status == 0, seen
    assert not [each for each in student.cloud.requests if each.method != "GET"]
    entry = {"alias": "third", "model": LUNA[0], "version": NEWER, "sku": "GlobalStandard", "capacity": 1}
    assert configuration.read_configuration("ana").models[2] == entry
    assert student.run(*words, "--target", "ana", "--yes", "--write")[0] == 0
    assert len(configuration.read_configuration("ana").models) == 3
    assert file.read_text().startswith(COMMENTED[: COMMENTED.index("  vector-lake:search")])
