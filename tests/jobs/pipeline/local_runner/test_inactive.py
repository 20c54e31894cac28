"""Inactive activities: neither checked nor run; those after them see the status that they are marked as."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from jobs.errors import JobError
from jobs.pipeline.definition import Activity
from jobs.pipeline.local_runner import schedule
from jobs.pipeline.local_runner.run import run_locally
from jobs.pipeline.local_runner.schedule import Done
from jobs.pipeline.results import ActivityRun
from jobs.storage.client import lake_container, list_blobs
from jobs.target import Target
from tests.jobs.pipeline.local_runner.adf_copy import NAME, PIPELINE, Alter, expression
from tests.jobs.pipeline.pipelines import BAD, END, OK, SKIP, make_pipeline

ROWS = "Copy_Embeddings_PostgreSQL"


@pytest.mark.parametrize(
    ("condition", "marked_as", "after", "failed"),
    [
        (OK, "Succeeded", "Succeeded", []),
        (END, "Succeeded", "Succeeded", []),
        (BAD, "Succeeded", "Skipped", []),
        (BAD, "Failed", "Succeeded", []),
        (END, "Failed", "Succeeded", []),
        (OK, "Failed", "Skipped", ["a"]),
        (SKIP, "Skipped", "Succeeded", []),
        (OK, "Skipped", "Skipped", []),
        (END, "Skipped", "Skipped", []),
    ],
)
def test_those_after_it_see_its_mark(condition: list[str], marked_as: str, after: str, failed: list[str]) -> None:
    pipeline = make_pipeline(a={}, b={"a": condition})
    first, second = pipeline.activities
    pipeline = replace(pipeline, activities=(replace(first, marked_as=marked_as), second))
    ran = []

    def execute(activity: Activity, done: Done) -> ActivityRun:
        ran.append(activity.name)
        return ActivityRun(activity.name, "Succeeded", {}, None, 1, 0.0)

    done = schedule.run_activities(pipeline, execute, Event())
    assert {name: run.status for name, run in done.items()} == {"a": "Inactive", "b": after}
    assert ran == (["b"] if after == "Succeeded" else [])
    assert [run.name for run in schedule.failed_activities(pipeline, done)] == failed


def test_an_inactive_one_on_a_branch_that_is_not_taken_is_skipped() -> None:
    pipeline = make_pipeline(a={}, b={"a": BAD}, c={"b": SKIP})
    first, second, third = pipeline.activities
    pipeline = replace(pipeline, activities=(first, replace(second, marked_as="Failed"), third))
    done = schedule.run_activities(
        pipeline, lambda activity, done: ActivityRun(activity.name, "Succeeded", {}, None, 1, 0.0), Event()
    )
    assert [done[name].status for name in "abc"] == ["Succeeded", "Skipped", "Succeeded"]


def test_it_is_neither_checked_nor_run(
    target: Target, adf: Path, alter: Alter, fill: Callable[[int], None], change: Any
) -> None:
    fill(2)
    with change(PIPELINE) as properties:
        properties["activities"][1] |= {"state": "Inactive", "type": "Wait", "inputs": "x", "policy": {"retry": -1}}
        properties["activities"][0]["dependsOn"] = [
            {"activity": "copy_images_blobstorage", "dependencyConditions": ["Succeeded"]}
        ]
    run = run_locally(target, NAME, {}, adf)
    rows, pictures = run.activities
    assert (run.status, run.error, rows.status) == ("Succeeded", None, "Succeeded")
    assert (pictures.status, pictures.output, pictures.error, pictures.attempts) == ("Inactive", {}, None, 0)
    with lake_container(target) as lake:
        assert [blob.name for blob in list_blobs(lake, "")] == ["embeddings/fer2013/imagenes_fer.parquet"]


def test_one_that_is_marked_as_failed_and_that_nothing_handles_fails_the_run(
    target: Target, adf: Path, alter: Alter
) -> None:
    alter(PIPELINE, "activities.1.state", "Inactive")
    alter(PIPELINE, "activities.1.onInactiveMarkAs", "Failed")
    run = run_locally(target, NAME, {}, adf)
    assert (run.status, [each.status for each in run.activities]) == ("Failed", ["Succeeded", "Inactive"])
    assert run.error == (
        "Operation on target Copy_Images_BlobStorage failed: it is inactive, and marked as Failed by onInactiveMarkAs."
    )


def test_its_output_cannot_be_used(unreachable: Target, adf: Path, alter: Alter) -> None:
    alter(PIPELINE, "activities.0.state", "Inactive")
    alter(PIPELINE, "activities.1.dependsOn", [{"activity": ROWS, "dependencyConditions": ["Succeeded"]}])
    wildcard = "activities.1.typeProperties.source.storeSettings.wildcardFileName"
    alter(PIPELINE, wildcard, expression(f"@{{activity('{ROWS}').output.rowsCopied}}"))
    with pytest.raises(JobError, match=r"activity\(\).output has no `rowsCopied` \(it has nothing\)"):
        run_locally(unreachable, NAME, {}, adf)


def test_an_active_one_may_say_so(target: Target, adf: Path, alter: Alter) -> None:
    for number in (0, 1):
        alter(PIPELINE, f"activities.{number}.state", "Active")
        alter(PIPELINE, f"activities.{number}.onInactiveMarkAs", "Skipped")
    assert [each.status for each in run_locally(target, NAME, {}, adf).activities] == ["Succeeded", "Succeeded"]
