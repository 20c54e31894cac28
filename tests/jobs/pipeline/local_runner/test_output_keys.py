"""The output of a copy has the keys that real runs have."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from jobs.pipeline.local_runner.run import run_locally
from jobs.storage.client import pictures_container, upload_blob
from jobs.target import Target
from tests.jobs.pipeline.local_runner.adf_copy import DELETE, NAME, PIPELINE, Alter

# Of every copy, in any order. https://learn.microsoft.com/azure/data-factory/copy-activity-monitoring
EVERY_COPY = {
    *("dataRead", "dataWritten", "filesWritten", "sourcePeakConnections", "sinkPeakConnections", "copyDuration"),
    *("throughput", "errors", "effectiveIntegrationRuntime", "usedDataIntegrationUnits", "billingReference"),
    *("usedParallelCopies", "executionDetails", "dataConsistencyVerification", "durationInQueue"),
}


def run(target: Target, adf: Path, fill: Callable[[int], None]) -> list[dict[str, Any]]:
    fill(3)
    with pictures_container(target) as container:
        upload_blob(container, "train/happy/1.jpg", b"1")
    return [activity.output for activity in run_locally(target, NAME, {}, adf).activities]


def test_the_keys_are_those_of_data_factory(target: Target, adf: Path, fill: Callable[[int], None]) -> None:
    rows, files = run(target, adf, fill)
    assert rows.keys() == EVERY_COPY | {"rowsRead", "rowsCopied"}
    assert files.keys() == EVERY_COPY | {"filesRead", "filesSkipped"}


def test_the_details_say_where_and_when_it_ran(target: Target, adf: Path, fill: Callable[[int], None]) -> None:
    rows, files = run(target, adf, fill)
    (details,) = rows["executionDetails"]
    assert (details["source"], details["sink"]) == ({"type": "AzurePostgreSql"}, {"type": "AzureBlobFS"})
    assert (details["status"], details["duration"]) == ("Succeeded", rows["copyDuration"])
    assert details["usedParallelCopies"] == rows["usedParallelCopies"]
    assert details["profile"].keys() == {"queue", "transfer"}
    assert details["detailedDurations"] == {"queuingDuration": 0, "transferDuration": rows["copyDuration"]}
    started = datetime.fromisoformat(details["start"])
    assert timedelta(0) <= datetime.now(UTC) - started < timedelta(hours=1)
    assert files["executionDetails"][0]["source"] == {"type": "AzureBlobStorage"}
    assert rows["durationInQueue"] == {"integrationRuntimeQueue": 0}
    assert rows["usedDataIntegrationUnits"] == details["usedDataIntegrationUnits"] == 4


def test_units_are_reported_only_where_the_activity_sets_them(
    target: Target, adf: Path, fill: Callable[[int], None], alter: Alter
) -> None:
    alter(PIPELINE, "activities.0.typeProperties.dataIntegrationUnits", DELETE)
    rows, files = run(target, adf, fill)
    assert "usedDataIntegrationUnits" not in rows
    assert "usedDataIntegrationUnits" not in rows["executionDetails"][0]
    assert files["usedDataIntegrationUnits"] == 4
