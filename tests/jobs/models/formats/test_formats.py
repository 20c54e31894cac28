"""Every format of the report, read back by a reader of that format; Azure's texts cannot break out of one."""

import csv
import io
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar, Component
from junitparser import JUnitXml

from jobs.models.formats.csv import cell
from jobs.models.formats.github import command
from tests.azure_fakes.cognitive_services import model
from tests.azure_fakes.model_account import ModelAccount
from tests.jobs.models.shop import LUNA, OTHER, after, moment, replaced_by
from tests.jobs.student import DoctorCli

EVIL = "\n::error::x\r=cmd|' /C calc'!A0 <b>&]]>\x1b[31m\x00,;\u2028%0A"


def formatted(student: DoctorCli, form: str, *options: str) -> str:
    status, seen = student.run("models", "report", *OTHER, "--format", form, *options)
    assert status in (0, 4), seen
    return seen


def events(text: str) -> dict[str, Component]:
    found = Calendar.from_ical(text).walk("VEVENT")
    return {str(each["summary"]).split(":")[0]: each for each in found}


def test_csv_has_the_columns_of_the_object(student: DoctorCli, shop: ModelAccount) -> None:
    lines = list(csv.DictReader(io.StringIO(formatted(student, "csv"))))
    found = json.loads(formatted(student, "json"))["deployments"]
    assert [set(each) for each in lines] == [set(each) for each in found]
    assert (lines[0]["name"], lines[0]["days"], json.loads(lines[0]["replacement"])["model"]) == (
        "chat",
        "113",
        LUNA[0],
    )


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_one_that_a_spreadsheet_would_run(text: str) -> None:
    assert cell(text) == f"'{text}"
    assert cell(-1) == "-1"


def test_an_event_keeps_its_uid_and_gets_a_higher_sequence_when_the_date_moved(
    student: DoctorCli, shop: ModelAccount
) -> None:
    first = events(formatted(student, "ics"))["chat"]
    again = events(formatted(student, "ics"))["chat"]
    luna = {"replacementConfig": replaced_by(*LUNA)}
    student.ai.models[0] = model("gpt-5.4-mini", "2026-03-17", skus=[("GlobalStandard", moment(90))], **luna)
    moved = events(formatted(student, "ics"))["chat"]
    assert first["uid"] == again["uid"] == moved["uid"]
    assert [int(each["sequence"]) for each in (first, again, moved)] == [0, 0, 1]
    assert moved["dtstart"].dt == date.fromisoformat(after(90))
    assert first["dtend"].dt - first["dtstart"].dt == timedelta(days=1)
    alarms = [each["trigger"].dt for each in first.walk("VALARM")]
    assert alarms == [timedelta(days=-60), timedelta(days=-30)]


def test_a_deployment_without_a_date_has_no_event(student: DoctorCli, shop: ModelAccount) -> None:
    student.ai.models[0] = model("gpt-5.4-mini", "2026-03-17", skus=[("GlobalStandard", None)])
    assert set(events(formatted(student, "ics"))) == {"ptu", "pinned"}


def test_junit_has_a_case_a_deployment(student: DoctorCli, shop: ModelAccount) -> None:
    student.ai.models[1] = model("gpt-5.1", "2025-11-13", skus=[("GlobalProvisionedManaged", None)])
    document = JUnitXml.fromstring(formatted(student, "junit", "--fail-on", "120").encode())
    cases = {each.name: each for suite in document for each in suite}
    assert {name: [type(one).__name__ for one in each.result] for name, each in cases.items()} == {
        "chat": ["Failure"],
        "ptu": ["Skipped"],
        "pinned": [],
    }
    assert (document.tests, document.failures, document.skipped) == (3, 1, 1)


def test_annotations_are_errors_for_what_counts_and_warnings_for_what_is_near(
    student: DoctorCli, shop: ModelAccount
) -> None:
    text = formatted(student, "github", "--fail-on", "120")
    assert text.startswith("::error title=chat::gpt-5.4-mini 2026-03-17 GlobalStandard (ai-shop), until")
    assert text.count("\n") == 1
    student.ai.models[0] = model("gpt-5.4-mini", "2026-03-17", skus=[("GlobalStandard", moment(80))])
    assert "::warning title=chat::retires" in formatted(student, "github")


def test_a_line_for_github_cannot_be_ended_by_a_text() -> None:
    line = command("warning", "a:b,c\n", "100%\r\n::error::x")
    assert line == "::warning title=a%3Ab%2Cc%0A::100%25%0D%0A::error::x"


@pytest.mark.parametrize("form", ["table", "json", "csv", "ics", "junit", "github"])
def test_a_text_of_azures_cannot_break_out_of_a_format(student: DoctorCli, shop: ModelAccount, form: str) -> None:
    shop.deployments["chat"]["name"] = f"chat{EVIL}"
    shop.deployments["chat"]["properties"]["provisioningState"] = EVIL
    text = formatted(student, form, "--fail-on", "120")
    assert not {"\x1b", "\x00", "\u2028"} & set(text)
    assert not [line for line in text.splitlines() if line.startswith(("::error::x", "=cmd"))]
    readers: dict[str, Any] = {
        "json": json.loads,
        "csv": lambda each: list(csv.reader(io.StringIO(each))),
        "ics": Calendar.from_ical,
        "junit": lambda each: JUnitXml.fromstring(each.encode()),
    }
    readers.get(form, str)(text)


def test_a_file_is_replaced_whole(student: DoctorCli, shop: ModelAccount, tmp_path: Path) -> None:
    file = tmp_path / "out" / "models.ics"
    assert formatted(student, "ics", "--to", str(file)) == ""
    assert b"\r\nBEGIN:VEVENT\r\n" in file.read_bytes()
    assert [each.name for each in file.parent.iterdir()] == ["models.ics"]
