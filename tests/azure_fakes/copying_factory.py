"""Data Factory as in data_factory.py, whose runs copy the data in fact, with the local runner of jobs/pipeline.

https://learn.microsoft.com/rest/api/datafactory/pipelines/create-run
https://learn.microsoft.com/rest/api/datafactory/activity-runs/query-by-pipeline-run
"""

from dataclasses import replace
from io import BytesIO
from typing import Any

import pyarrow.parquet as pq

from jobs.pipeline.local_runner.run import run_locally
from jobs.storage import lake
from jobs.storage.client import lake_container, upload_blob
from jobs.target import Target
from tests.azure_fakes.azure import Azure
from tests.azure_fakes.cloud import Request, Response
from tests.azure_fakes.data_factory import DataFactory
from tests.azure_fakes.factory_answers import PIPELINE, RERUN, RUN, TRIGGER, activity_run, pipeline_run

SECRET = "Microsoft.KeyVault/vaults/secrets"
FAILED, STUCK = "4f0c2d6e-52b1-4f0e-9f0a-0d5d1c9b7a11", "c7b1e0a4-8a3b-4a53-9a3e-2f6f3f1f8d22"
FORBIDDEN = {
    "errorCode": "2200",
    "message": "Failure happened on 'Sink' side. ErrorCode=AdlsGen2OperationFailed, StatusCode=Forbidden",
    "failureType": "UserError",
    "target": "Copy_Images_BlobStorage",
    "details": [],
}
ACTIVITIES = ("Copy_Embeddings_PostgreSQL", "Copy_Images_BlobStorage")


class CopyingFactory(DataFactory):
    """A factory that copies the target's table and pictures when a run starts.

    `path`: the factory's id. Two earlier runs are listed: one has failed, one does not end.
    """

    def __init__(self, azure: Azure, path: str, target: Target) -> None:
        super().__init__(azure, path)
        self.target = target
        self.run_ids = [FAILED, STUCK]
        self.run_statuses = {FAILED: ["Failed"], STUCK: ["InProgress"]}
        by_trigger = {"invokedBy": {"name": TRIGGER}}
        self.run_pages = [
            [listed_run(STUCK, 4, "InProgress", durationInMs=None)],
            [listed_run(FAILED, 3, "Failed", **by_trigger)],
        ]
        rows = {"rowsRead": 40, "rowsCopied": 40}
        failed = activity_run(ACTIVITIES[1], "Failed", error=FORBIDDEN)
        self.ended_activities = {FAILED: [activity_run(ACTIVITIES[0], "Succeeded", output=rows), failed]}

    def create(self, request: Request) -> Response:
        run_id = RERUN if request.query.get("referencePipelineRunId") else RUN
        result = run_locally(replace(self.target, **self.read_secrets()), PIPELINE, {}, progress=lambda line: None)
        assert result.status == "Succeeded", result.error
        remove_metadata(self.target)
        outputs = {each.name: dict(each.output) for each in result.activities}
        self.ended_activities[run_id] = [
            activity_run(name, "Succeeded", output=outputs[name], durationInMs=950) for name in outputs
        ]
        self.run_statuses[run_id] = ["Queued", "InProgress", "Succeeded"]
        self.run_ids.append(run_id)
        self.run_pages = [[listed_run(run_id, 5)], *self.run_pages]
        return Response(200, {"runId": run_id})

    def read_secrets(self) -> dict[str, str]:
        """The password of the linked service, from the vault where there is one."""
        names = {"postgres-reader-password": "postgres_reader_password"}
        secrets = [each for each in self.azure.of_type(SECRET) if each.name in names]
        return {names[each.name]: each.value("properties.value") for each in secrets}

    def get_run(self, run_id: str) -> Response:
        course = self.run_statuses[run_id]
        status = course.pop(0) if len(course) > 1 else course[0]
        going = [] if status == "Queued" else [activity_run(name, status) for name in ACTIVITIES]
        self.activity_pages = [self.ended_activities.get(run_id, going) if status in ("Succeeded", "Failed") else going]
        return Response(200, pipeline_run(run_id, "2026-11-21T03:00:00Z", status))

    def cancel(self, request: Request) -> Response:
        self.run_statuses[request.path.split("/")[-2]] = ["Canceling", "Cancelled"]
        return Response(200)


def remove_metadata(target: Target) -> None:
    """Write the lake's Parquet again without metadata, which Data Factory's copy cannot write."""
    container, stream = lake_container(target), BytesIO()
    with lake.open_parquet(container) as file:
        pq.write_table(file.read().replace_schema_metadata(None), stream)
    upload_blob(container, lake.EMBEDDINGS, stream.getvalue())


def listed_run(run_id: str, hour: int, status: str = "Succeeded", **more: Any) -> dict[str, Any]:
    """A listed run that started at that hour (UTC)."""
    return pipeline_run(run_id, f"2026-11-21T{hour:02}:00:00Z", status, **more)
