"""Triggers that Data Factory refuses are refused before the pipeline that they start runs."""

import json
from pathlib import Path
from typing import Any

import pytest

from jobs.errors import JobError
from jobs.pipeline.check_triggers import check_triggers
from jobs.pipeline.documents import Documents
from jobs.pipeline.time_zones import TIME_ZONES

PIPELINE = {"parameters": {"prefix": {"type": "String", "defaultValue": "x"}, "n": {"type": "Int", "defaultValue": 1}}}
STARTS = {"pipelineReference": {"referenceName": "PL", "type": "PipelineReference"}}
RECURRENCE = {"frequency": "Day", "interval": 1, "startTime": "2026-01-01T03:00:00Z", "timeZone": "UTC"}
WINDOW = {"frequency": "Hour", "interval": 1, "startTime": "2026-01-01T03:00:00Z", "maxConcurrency": 1}
BLOBS = {
    "blobPathBeginsWith": "/c/blobs/train/",
    "scope": "/subscriptions/x",
    "events": ["Microsoft.Storage.BlobCreated"],
}
EVENTS = {"scope": "/subscriptions/x", "events": ["copied"]}


def check(folder: Path, trigger: dict[str, Any], pipeline: dict[str, Any] = PIPELINE) -> None:
    for kind, name, properties in (("pipeline", "PL", pipeline), ("trigger", "TR", trigger)):
        (folder / "adf" / kind).mkdir(parents=True, exist_ok=True)
        content = json.dumps({"name": name, "properties": properties})
        (folder / "adf" / kind / f"{name}.json").write_text(content, encoding="utf-8")
    check_triggers(Documents(folder / "adf", {}), "PL")


def scheduled(recurrence: dict[str, Any], **others: Any) -> dict[str, Any]:
    return {"type": "ScheduleTrigger", "typeProperties": {"recurrence": recurrence}, "pipelines": [STARTS], **others}


def by(kind: str, type_properties: dict[str, Any]) -> dict[str, Any]:
    starts = {"pipeline": STARTS} if kind == "TumblingWindowTrigger" else {"pipelines": [STARTS]}
    return {"type": kind, "typeProperties": type_properties, **starts}


def monthly(**schedule: Any) -> dict[str, Any]:
    return RECURRENCE | {"frequency": "Month", "schedule": schedule}


LOCAL = {"startTime": "2026-01-01T03:00:00", "timeZone": "Romance Standard Time"}


@pytest.mark.parametrize(
    "trigger",
    [
        scheduled(RECURRENCE, annotations=[], runtimeState="Stopped", description="x"),
        scheduled(RECURRENCE | LOCAL | {"endTime": "2026-02-01T03:00:00"}),
        scheduled({"frequency": "Minute", "startTime": "2026-01-01T03:00:00.1234567Z"}),
        scheduled(RECURRENCE | {"interval": 1000, "schedule": {"minutes": [0, 59], "hours": [0, 23]}}),
        scheduled(RECURRENCE | {"frequency": "Week", "schedule": {"weekDays": ["Monday"]}}),
        scheduled(monthly(monthDays=[-31, 31], monthlyOccurrences=[{"day": "Friday", "occurrence": -1}])),
        scheduled(RECURRENCE, pipelines=[STARTS | {"parameters": {"PREFIX": "@trigger().scheduledTime", "n": 2}}]),
        by(
            "TumblingWindowTrigger",
            WINDOW | {"delay": "00:10:00", "retryPolicy": {"count": 2, "intervalInSeconds": 30}},
        ),
        by("BlobEventsTrigger", BLOBS | {"ignoreEmptyBlobs": True}),
        by("CustomEventsTrigger", EVENTS | {"subjectBeginsWith": "a"}),
    ],
)
def test_what_data_factory_takes(tmp_path: Path, trigger: dict[str, Any]) -> None:
    check(tmp_path, trigger)


@pytest.mark.parametrize(
    ("recurrence", "message"),
    [
        ({"interval": 0}, "interval has to be a whole number from 1 to 1,000, and is 0"),
        ({"interval": -1}, "interval has to be"),
        ({"interval": 1001}, "interval has to be"),
        ({"interval": "1"}, "interval has to be"),
        ({"frequency": "Year"}, "frequency is 'Year', and Data Factory takes 'Minute' or 'Hour' or 'Day'"),
        ({"frequency": "day"}, "frequency is 'day'"),
        ({"timeZone": "Mars Standard Time"}, "timeZone has to be Windows' name of a time zone, such as UTC"),
        ({"timeZone": "Europe/Madrid"}, "timeZone has to be Windows' name .*and is 'Europe/Madrid'"),
        ({"timeZone": ""}, "timeZone has to be"),
        (
            {"timeZone": "Romance Standard Time"},
            "startTime ends with Z, which is UTC, and timeZone is 'Romance .*remove",
        ),
        ({**LOCAL, "endTime": "2027-01-01T00:00:00Z"}, "endTime ends with Z"),
        ({"startTime": "2026-01-01"}, "startTime has to be a time as"),
        ({"startTime": "2026-13-01T03:00:00Z"}, "startTime has to be"),
        ({"startTime": "2026-01-01T03:00:00+02:00"}, "startTime has to be"),
        ({"endTime": "2025-01-01T03:00:00Z"}, "endTime has to be after startTime"),
        ({"endTime": "2026-01-01T03:00:00Z"}, "endTime has to be after startTime"),
        ({"schedule": {"hours": [24]}}, "schedule.hours.0 has to be a whole number from 0 to 23"),
        ({"schedule": {"minutes": [60]}}, "schedule.minutes.0 has to be"),
        ({"schedule": {"weekDays": ["Monday"]}}, "schedule.weekDays is only for the frequency 'Week', and it is 'Day'"),
        ({"schedule": {"monthDays": [1]}}, "schedule.monthDays is only for the frequency 'Month'"),
        ({"frequency": "Week", "schedule": {"weekDays": ["Lunes"]}}, "schedule.weekDays.0 is 'Lunes'"),
        (monthly(monthDays=[0]), "schedule.monthDays.0 has to be a day from 1 to 31"),
        (monthly(monthDays=[32]), "schedule.monthDays.0 has to be"),
        (monthly(monthlyOccurrences=[{"day": "Friday", "occurrence": 6}]), "occurrence has to be a number from 1 to 5"),
        ({"every": 1}, "every is not implemented"),
    ],
)
def test_recurrences_that_data_factory_refuses(tmp_path: Path, recurrence: dict[str, Any], message: str) -> None:
    with pytest.raises(JobError, match=rf"^adf/trigger/TR.json: typeProperties\.recurrence\..*{message}"):
        check(tmp_path, scheduled(RECURRENCE | recurrence))


@pytest.mark.parametrize(
    ("trigger", "message"),
    [
        (scheduled({"interval": 1, "startTime": "2026-01-01T03:00:00Z"}), "recurrence.frequency is missing"),
        (scheduled({"frequency": "Day"}), "recurrence.startTime is missing"),
        (scheduled(RECURRENCE, runtimeState="Running"), "runtimeState is 'Running'"),
        (by("Schedule", {}), "type 'Schedule' is not implemented"),
        (by("TumblingWindowTrigger", WINDOW | {"frequency": "Day"}), "frequency is 'Day'"),
        (by("TumblingWindowTrigger", WINDOW | {"interval": 0}), "interval has to be"),
        (by("TumblingWindowTrigger", WINDOW | {"frequency": "Minute", "interval": 4}), "interval has to be 5 or more"),
        (by("TumblingWindowTrigger", WINDOW | {"maxConcurrency": 51}), "maxConcurrency has to be .* from 1 to 50"),
        (
            by("TumblingWindowTrigger", WINDOW | {"retryPolicy": {"intervalInSeconds": 29}}),
            "intervalInSeconds has to be",
        ),
        (by("BlobEventsTrigger", BLOBS | {"blobPathBeginsWith": "/raw/incoming/"}), "with the word blobs"),
        (by("BlobEventsTrigger", BLOBS | {"events": []}), "events has to be a list of 1 or more"),
        (by("BlobEventsTrigger", BLOBS | {"events": ["BlobCreated"]}), "events.0 is 'BlobCreated'"),
        (by("BlobEventsTrigger", EVENTS | {"events": BLOBS["events"]}), "blobPathEndsWith too: add one of them"),
        (by("CustomEventsTrigger", {"scope": "x", "events": []}), "events has to be a list"),
        (scheduled(RECURRENCE, pipelines=[STARTS | {"parameters": {"x": 1}}]), "PL declares no parameter `x`"),
        (scheduled(RECURRENCE, pipelines=[STARTS | {"parameters": {"n": "2"}}]), "`n` of PL is not of type int"),
        (
            scheduled(
                RECURRENCE,
                pipelines=[STARTS, {"pipelineReference": {**STARTS["pipelineReference"], "referenceName": "PL_x"}}],
            ),
            "it refers to PL_x, and there is no adf/pipeline/PL_x.json",
        ),
    ],
)
def test_triggers_that_data_factory_refuses(tmp_path: Path, trigger: dict[str, Any], message: str) -> None:
    with pytest.raises(JobError, match=f"^adf/trigger/TR.json: .*{message}"):
        check(tmp_path, trigger)


def test_a_parameter_without_a_default_has_to_be_given(tmp_path: Path) -> None:
    with pytest.raises(JobError, match=r"^adf/trigger/TR.json: PL has no value for `prefix`"):
        check(tmp_path, scheduled(RECURRENCE), {"parameters": {"prefix": {"type": "String"}}})


def test_a_trigger_of_another_pipeline_is_not_checked(tmp_path: Path) -> None:
    other = {"pipelineReference": {"referenceName": "PL_other", "type": "PipelineReference"}}
    check(tmp_path, scheduled(RECURRENCE | {"interval": 0}, pipelines=[other]))


def test_a_trigger_finds_its_pipeline_in_any_letter_case(tmp_path: Path) -> None:
    starts = {"pipelineReference": {"referenceName": "pl", "type": "PipelineReference"}}
    with pytest.raises(JobError, match="interval has to be"):
        check(tmp_path, scheduled(RECURRENCE | {"interval": 0}, pipelines=[starts]))


def test_the_time_zones() -> None:
    assert {"UTC", "Romance Standard Time", "Central Standard Time (Mexico)", "SA Pacific Standard Time"} <= TIME_ZONES
    assert "Pacific SA Standard Time" in TIME_ZONES
    assert len(TIME_ZONES) == 141
