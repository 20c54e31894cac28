"""Data Factory as in data_factory.py, whose runs copy the data in fact, with the local runner of jobs/pipeline.

https://learn.microsoft.com/rest/api/datafactory/pipelines/create-run
https://learn.microsoft.com/rest/api/datafactory/activity-runs/query-by-pipeline-run
"""

from dataclasses import replace
from typing import Any

from jobs.pipeline.local_runner.run import run_locally
from jobs.target import Target
from tests.azure_fakes.cloud import Answer, Request
from tests.azure_fakes.data_factory import AGAIN, AT, PIPELINE, RUN, TRIGGER, DataFactory, copied, listed

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

    `at`: the factory's path in Resource Manager. Two earlier runs are listed: one has failed, one does not end.
    """

    def __init__(self, target: Target, at: str) -> None:
        super().__init__()
        self.at = at
        self.target = target
        self.run_ids = [FAILED, STUCK]
        self.courses = {FAILED: ["Failed"], STUCK: ["InProgress"]}
        by_trigger = {"invokedBy": {"name": TRIGGER}}
        self.lists = [[run(STUCK, 4, "InProgress", durationInMs=None)], [run(FAILED, 3, "Failed", **by_trigger)]]
        rows = {"rowsRead": 40, "rowsCopied": 40}
        failed = copied(ACTIVITIES[1], "Failed", error=FORBIDDEN)
        self.ended_as = {FAILED: [copied(ACTIVITIES[0], "Succeeded", output=rows), failed]}

    def part(self, request: Request) -> Answer | None:
        """Answer a request that Resource Manager received for this factory, None for every other."""
        if not request.path.startswith(self.at):
            return None
        return self(replace(request, path=AT + request.path.removeprefix(self.at)))

    def create(self, request: Request) -> Answer:
        run_id = AGAIN if request.query.get("referencePipelineRunId") else RUN
        result = run_locally(self.target, PIPELINE, {}, progress=lambda line: None)
        assert result.status == "Succeeded", result.error
        outputs = {each.name: dict(each.output) for each in result.activities}
        self.ended_as[run_id] = [copied(name, "Succeeded", output=outputs[name], durationInMs=950) for name in outputs]
        self.courses[run_id] = ["Queued", "InProgress", "Succeeded"]
        self.run_ids.append(run_id)
        self.lists = [[run(run_id, 5)], *self.lists]
        return Answer(200, {"runId": run_id})

    def tell_run(self, run_id: str) -> Answer:
        course = self.courses[run_id]
        status = course.pop(0) if len(course) > 1 else course[0]
        going = [] if status == "Queued" else [copied(name, status) for name in ACTIVITIES]
        self.pages = [self.ended_as.get(run_id, going) if status in ("Succeeded", "Failed") else going]
        return Answer(200, listed(run_id, "2026-11-21T03:00:00Z", status))

    def cancel(self, request: Request) -> Answer:
        self.courses[request.path.split("/")[-2]] = ["Canceling", "Cancelled"]
        return Answer(200)


def run(run_id: str, hour: int, status: str = "Succeeded", **more: Any) -> dict[str, Any]:
    """A listed run that started at that hour (UTC)."""
    return listed(run_id, f"2026-11-21T{hour:02}:00:00Z", status, **more)
