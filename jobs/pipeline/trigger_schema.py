"""The schema of triggers, with Data Factory's own bounds.

https://learn.microsoft.com/azure/data-factory/how-to-create-schedule-trigger
https://learn.microsoft.com/azure/data-factory/how-to-create-tumbling-window-trigger
https://learn.microsoft.com/azure/data-factory/how-to-create-event-trigger
"""

import re
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any

from jobs.pipeline.schema import (
    Problem,
    Validator,
    anything,
    between,
    boolean,
    leaf,
    list_of,
    map_of,
    non_negative,
    object_of,
    one_of,
    tagged,
    text,
    timespan,
)
from jobs.pipeline.time_zones import TIME_ZONES

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,7})?(Z?)")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MIN_WINDOW_MINUTES = 5
# The keys of a schedule that only one frequency has.
FREQUENCY_OF = {"weekDays": "Week", "monthDays": "Month", "monthlyOccurrences": "Month"}


choice = partial(one_of, who="Data Factory takes")


def is_time(value: Any) -> bool:
    if not isinstance(value, str) or not TIME.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


moment = leaf(is_time, "a time as 2026-01-31T03:00:00Z, or without the Z in another time zone than UTC")
time_zone = leaf(
    lambda value: isinstance(value, str) and value in TIME_ZONES,
    "Windows' name of a time zone, such as UTC, or Romance Standard Time for Madrid",
)
month_day = leaf(
    lambda value: isinstance(value, int) and not isinstance(value, bool) and 1 <= abs(value) <= 31,
    "a day from 1 to 31, or from -1, the last one, to -31",
)
occurrence = leaf(
    lambda value: isinstance(value, int) and not isinstance(value, bool) and 1 <= abs(value) <= 5,
    "a number from 1 to 5, or from -1, the last one, to -5",
)
SCHEDULE_SCHEMA: Validator = object_of(
    {},
    {
        "minutes": list_of(between(0, 59)),
        "hours": list_of(between(0, 23)),
        "weekDays": list_of(choice(*DAYS)),
        "monthDays": list_of(month_day),
        "monthlyOccurrences": list_of(object_of({"day": choice(*DAYS)}, {"occurrence": occurrence})),
    },
)
RECURRENCE_SCHEMA: Validator = object_of(
    {"frequency": choice("Minute", "Hour", "Day", "Week", "Month"), "startTime": moment},
    {"interval": between(1, 1000), "endTime": moment, "timeZone": time_zone, "schedule": SCHEDULE_SCHEMA},
)


def validate_recurrence(value: Any) -> Iterator[Problem]:
    """A validator: the values, and then how they fit each other."""
    problems = list(RECURRENCE_SCHEMA(value))
    yield from problems or [*check_times(value), *check_schedule(value)]


def check_times(recurrence: dict[str, Any]) -> Iterator[Problem]:
    """A Z stands only for UTC, and the end is after the start."""
    utc = recurrence.get("timeZone", "UTC") == "UTC"
    for key in ("startTime", "endTime"):
        if not utc and str(recurrence.get(key, "")).endswith("Z"):
            yield key, f"ends with Z, which is UTC, and timeZone is {recurrence['timeZone']!r}: remove the Z"
    start, end = (str(recurrence.get(key, "")).removesuffix("Z") for key in ("startTime", "endTime"))
    if end and datetime.fromisoformat(end) <= datetime.fromisoformat(start):
        yield "endTime", "has to be after startTime"


def check_schedule(recurrence: dict[str, Any]) -> Iterator[Problem]:
    """Days belong to the frequency that has them."""
    for key in recurrence.get("schedule", {}):
        wanted = FREQUENCY_OF.get(key)
        if wanted is not None and recurrence["frequency"] != wanted:
            yield f"schedule.{key}", f"is only for the frequency {wanted!r}, and it is {recurrence['frequency']!r}"


WINDOW_SCHEMA: Validator = object_of(
    {
        "frequency": choice("Minute", "Hour", "Month"),
        "interval": between(1, 2_147_483_647),
        "startTime": moment,
        "maxConcurrency": between(1, 50),
    },
    {
        "endTime": moment,
        "delay": timespan,
        "retryPolicy": object_of({}, {"count": non_negative, "intervalInSeconds": between(30, 86_400)}),
        "dependsOn": anything,
    },
)


def validate_window(value: Any) -> Iterator[Problem]:
    """A validator: the values, and the shortest window, which has five minutes."""
    problems = list(WINDOW_SCHEMA(value))
    yield from problems
    if not problems and value["frequency"] == "Minute" and value["interval"] < MIN_WINDOW_MINUTES:
        yield (
            "interval",
            f"has to be {MIN_WINDOW_MINUTES} or more for the frequency 'Minute', and is {value['interval']}",
        )


BLOB_EVENTS = ("Microsoft.Storage.BlobCreated", "Microsoft.Storage.BlobDeleted")
blob_path = leaf(
    lambda value: isinstance(value, str) and bool(re.fullmatch(r"/[^/]+/(blobs/.*)?|/[^/]+/blobs", value)),
    "a path as /CONTAINER/blobs/FOLDER/, with the word blobs",
)
BLOB_EVENTS_SCHEMA: Validator = object_of(
    {"scope": text, "events": list_of(choice(*BLOB_EVENTS), min_items=1)},
    {"blobPathBeginsWith": blob_path, "blobPathEndsWith": text, "ignoreEmptyBlobs": boolean},
)


def validate_blob_events(value: Any) -> Iterator[Problem]:
    """A validator: a trigger by blobs names at least one end of their paths."""
    yield from BLOB_EVENTS_SCHEMA(value)
    if isinstance(value, dict) and not {"blobPathBeginsWith", "blobPathEndsWith"} & value.keys():
        yield "blobPathBeginsWith", "is missing, and blobPathEndsWith too: add one of them"


CUSTOM_EVENTS_SCHEMA: Validator = object_of(
    {"scope": text, "events": list_of(anything, min_items=1)}, {"subjectBeginsWith": text, "subjectEndsWith": text}
)
PIPELINE_SCHEMA: Validator = object_of(
    {"pipelineReference": object_of({"referenceName": text, "type": choice("PipelineReference")}, {"name": anything})},
    {"parameters": map_of(anything)},
)
ABOUT = {"description": anything, "annotations": anything, "runtimeState": choice("Started", "Stopped", "Disabled")}


def several(type_properties: Validator) -> Validator:
    """The schema of a trigger that starts several pipelines."""
    return object_of({"typeProperties": type_properties}, {"pipelines": list_of(PIPELINE_SCHEMA), **ABOUT})


TRIGGER_SCHEMA: Validator = tagged(
    {
        "ScheduleTrigger": several(object_of({"recurrence": validate_recurrence})),
        "TumblingWindowTrigger": object_of({"typeProperties": validate_window, "pipeline": PIPELINE_SCHEMA}, ABOUT),
        "BlobEventsTrigger": several(validate_blob_events),
        "CustomEventsTrigger": several(CUSTOM_EVENTS_SCHEMA),
    }
)
