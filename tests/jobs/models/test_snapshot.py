"""What Azure changed since the last report: dates in both directions, statuses, replacements, models."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.azure_fakes.cognitive_services import model
from tests.azure_fakes.model_account import ModelAccount
from tests.jobs.models.shop import LUNA, OTHER, after, moment, replaced_by
from tests.jobs.student import DoctorCli


def changes(student: DoctorCli, *options: str) -> tuple[int, list[dict[str, Any]]]:
    status, seen = student.run("models", "report", *OTHER, "--json", *options)
    found: list[dict[str, Any]] = json.loads(seen)["changes"]
    return status, found


def set_date(student: DoctorCli, date: str | None, **more: Any) -> None:
    luna = {"replacementConfig": replaced_by(*LUNA, upgradeOnExpiryLeadTimeDays=7)}
    student.ai.models[0] = model("gpt-5.4-mini", "2026-03-17", skus=[("GlobalStandard", date)], **(luna | more))


@pytest.mark.parametrize(
    ("before", "now", "direction"),
    [(300, 200, "earlier"), (200, 300, "later"), (None, 300, "new"), (300, None, "gone")],
)
def test_a_date_that_moved_is_said_once_with_both_values(
    student: DoctorCli, shop: ModelAccount, before: int | None, now: int | None, direction: str
) -> None:
    was, value = (None if each is None else after(each) for each in (before, now))
    set_date(student, before and moment(before))
    assert changes(student)[1] == []
    set_date(student, now and moment(now))
    _, (change,) = changes(student)
    assert {key: change[key] for key in ("name", "field", "was", "is", "seen", "direction")} == {
        "name": "chat",
        "field": "retires",
        "was": was,
        "is": value,
        "seen": after(0),
        "direction": direction,
    }
    assert changes(student)[1] == []


def test_an_earlier_date_counts_for_fail_on_in_that_run(student: DoctorCli, shop: ModelAccount) -> None:
    set_date(student, moment(500))
    assert changes(student, "--fail-on", "30")[0] == 0
    set_date(student, moment(400))
    assert changes(student, "--fail-on", "30")[0] == 4
    assert changes(student, "--fail-on", "30")[0] == 0
    set_date(student, moment(450))
    assert changes(student, "--fail-on", "30")[0] == 0


def test_a_status_and_a_replacement_that_changed_are_said(student: DoctorCli, shop: ModelAccount) -> None:
    changes(student)
    set_date(student, moment(113), lifecycleStatus="Deprecating", replacementConfig=replaced_by("gpt-6", "1"))
    found = {each["field"]: (each["was"], each["is"]) for each in changes(student)[1]}
    assert found == {
        "lifecycle": ("GenerallyAvailable", "Deprecating"),
        "replacement": (" ".join(LUNA), "gpt-6 1"),
    }


def test_another_model_is_one_change_and_no_moved_date(student: DoctorCli, shop: ModelAccount) -> None:
    changes(student)
    shop.add("chat", *LUNA)
    _, (change,) = changes(student)
    assert (change["field"], change["was"], change["is"]) == ("model", "gpt-5.4-mini 2026-03-17", " ".join(LUNA))


def test_the_day_of_the_old_value_is_the_first_on_which_it_was_seen(
    student: DoctorCli, shop: ModelAccount, tmp_path: Path
) -> None:
    file = tmp_path / "models.json"
    changes(student, "--snapshot", str(file))
    kept = json.loads(file.read_text())
    kept["models"]["rg-shop/ai-shop/chat"]["retires"] = {"value": "2027-11-21", "seen": "2026-11-02"}
    file.write_text(json.dumps(kept))
    changes(student, "--snapshot", str(tmp_path / "other.json"))
    status, seen = student.run("models", "report", *OTHER, "--snapshot", str(file), "--fail-on", "1")
    first = f"chat: retires {after(113)}, was 2027-11-21 on 2026-11-02 (earlier)"
    assert (status, seen.splitlines()[0]) == (4, first)


def test_what_is_only_configured_is_watched_too(student: DoctorCli, played: ModelAccount) -> None:
    run = ("models", "report", "--target", "ana", "--json")
    student.run(*run)
    student.ai.models[0] = model("gpt-5.4-mini", "2026-03-17", skus=[("GlobalStandard", moment(200))])
    _, seen = student.run(*run)
    assert [each["name"] for each in json.loads(seen)["changes"]] == ["chat (setting)"]
    assert json.loads(seen)["deployments"] == []


@pytest.mark.parametrize(
    "text", ["", "[]", '{"format": 1}', '{"format": 2, "models": {}}', '{"format":1,"models":[1]}']
)
def test_a_file_that_is_not_a_snapshot_is_refused_and_kept(
    student: DoctorCli, shop: ModelAccount, tmp_path: Path, text: str
) -> None:
    file = tmp_path / "models.json"
    file.write_text(text)
    status, seen = student.run("models", "report", *OTHER, "--snapshot", str(file))
    assert (status, seen.count("\n"), file.read_text()) == (1, 1, text)
    assert "delete it" in seen


def test_a_report_that_could_not_be_written_leaves_the_snapshot(
    student: DoctorCli, shop: ModelAccount, tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    status, _ = student.run("models", "report", *OTHER, "--to", str(folder), "--snapshot", str(tmp_path / "s.json"))
    assert (status, (tmp_path / "s.json").exists()) == (1, False)
