"""Data Factory: one factory whose runs take the statuses that a test sets (api-version 2018-06-01).

https://learn.microsoft.com/rest/api/datafactory/pipelines/create-run
https://learn.microsoft.com/rest/api/datafactory/pipeline-runs (get, query-by-factory, cancel)
https://learn.microsoft.com/rest/api/datafactory/activity-runs/query-by-pipeline-run
https://learn.microsoft.com/rest/api/datafactory/triggers (get, start, stop)
"""

from collections.abc import Callable
from threading import Lock
from typing import Any

from jobs.target import Target
from tests.azure_fakes.cloud import Cloud, Request, Response

HOST = "management.azure.com"
GROUP = "/subscriptions/the-subscription/resourceGroups/the-group"
FACTORY_PATH = f"{GROUP}/providers/Microsoft.DataFactory/factories/the-factory"
PIPELINE, TRIGGER = "PL_Migrar_Datos_FER", "TR_Diario_FER"
RUN, RERUN = "2f7fdb90-5df1-4b8e-ac2f-064cfa58202b", "80a01654-a9d3-4ad1-8b3f-cac5d5d76b67"
CREATE = f"/pipelines/{PIPELINE}/createRun"
FOLLOW = f"python -m jobs run-pipeline --follow {RUN} --target dev"
EXPIRED = Response(401, {"error": {"code": "ExpiredAuthenticationToken", "message": "The access token expired."}})
TEXT = dict.fromkeys(Target.__dataclass_fields__, "")
OUTPUTS: dict[str, Any] = TEXT | {
    "subscription_id": "the-subscription",
    "resource_group": "the-group",
    "factory_name": "the-factory",
    "pipeline_runner": "data_factory",
    "postgres_port": 5432,
}


def activity_run(name: str, status: str, **more: Any) -> dict[str, Any]:
    """An activity run as Azure lists it. The error object is always present, with empty texts if nothing failed."""
    error = {"errorCode": "", "message": "", "failureType": "", "target": name, "details": ""}
    return {
        "activityName": name,
        "activityType": "Copy",
        "activityRunId": f"{name}-1",
        "activityRunStart": "2026-11-21T03:00:05.1234567Z",
        "pipelineName": PIPELINE,
        "pipelineRunId": RUN,
        "status": status,
        "input": {},
        "output": {},
        "error": error,
    } | more


ROWS = activity_run(
    "Copy_Embeddings_PostgreSQL", "Succeeded", output={"rowsRead": 350, "rowsCopied": 350}, durationInMs=27000
)
FILES = activity_run(
    "Copy_Images_BlobStorage", "Succeeded", output={"filesRead": 350, "filesWritten": 350}, durationInMs=950
)
FORBIDDEN = {
    "errorCode": "2200",
    "message": "ErrorCode=AdlsGen2OperationFailed,'Type=Microsoft.DataTransfer...\nStatusCode=Forbidden",
    "failureType": "UserError",
    "target": "Copy_Images_BlobStorage",
    "details": [],
}


def pipeline_run(run_id: str, start: str, status: str = "Succeeded", **more: Any) -> dict[str, Any]:
    """A pipeline run as Azure lists it."""
    return {
        "runId": run_id,
        "pipelineName": PIPELINE,
        "parameters": {},
        "invokedBy": {"id": "1", "name": "Manual", "invokedByType": "Manual"},
        "runStart": start,
        "durationInMs": 28105,
        "status": status,
        "message": "",
    } | more


class DataFactory:
    """One factory with one pipeline and one trigger.

    `statuses`: what each poll of a run returns in turn; the last stays. `activity_pages`: the pages of its activity
    runs. `run_pages`: the pages of the factory's runs. `trigger_states`: what the next polls of the trigger return.
    `first_responses`: by the end of a path, responses that are returned before the factory's own, each once.
    """

    def __init__(self) -> None:
        self.statuses = ["Succeeded"]
        self.message = ""
        self.run_ids = [RUN]
        self.activity_pages: list[list[dict[str, Any]]] = [[ROWS], [FILES]]
        self.run_pages: list[list[dict[str, Any]]] = [[]]
        self.trigger: dict[str, Any] | None = trigger()
        self.trigger_states: list[str] = []
        self.first_responses: dict[str, list[Response]] = {}
        self._lock = Lock()

    def __call__(self, request: Request) -> Response:
        with self._lock:
            for end, answers in self.first_responses.items():
                if request.path.endswith(end) and answers:
                    return answers.pop(0)
            if not request.path.startswith(FACTORY_PATH) or request.query.get("api-version") != "2018-06-01":
                return not_found("ResourceNotFound", f"The Resource '{request.path}' was not found.")
            return self.respond(request, request.path.removeprefix(FACTORY_PATH))

    def respond(self, request: Request, path: str) -> Response:
        handlers: dict[str, Callable[[Request], Response]] = {
            CREATE: self.create,
            "/queryPipelineRuns": lambda request: page(self.run_pages, request.body),
            f"/triggers/{TRIGGER}": self.get_trigger,
            f"/triggers/{TRIGGER}/start": lambda request: self.set_trigger_state("Started"),
            f"/triggers/{TRIGGER}/stop": lambda request: self.set_trigger_state("Stopped"),
        }
        for run_id in self.run_ids:
            handlers |= {
                f"/pipelineruns/{run_id}": lambda request, run_id=run_id: self.get_run(run_id),  # type: ignore[misc]
                f"/pipelineruns/{run_id}/cancel": self.cancel,
                f"/pipelineruns/{run_id}/queryActivityruns": lambda request: page(self.activity_pages, request.body),
            }
        handler = handlers.get(path)
        return handler(request) if handler else not_found("NotFound", "The document could not be found.")

    def create(self, request: Request) -> Response:
        if request.query.get("referencePipelineRunId"):
            self.run_ids.append(RERUN)
            self.statuses = ["InProgress", "Succeeded"]
        return Response(200, {"runId": self.run_ids[-1]})

    def get_run(self, run_id: str) -> Response:
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        return Response(200, pipeline_run(run_id, "2026-11-21T03:00:00.6257014Z", status, message=self.message))

    def cancel(self, request: Request) -> Response:
        self.statuses = ["Canceling", "Cancelled"]
        return Response(200)

    def end_run(self, status: str, run_id: str = RUN) -> Response:
        """End the run with that status at once, and answer the request that started it."""
        self.run_ids.append(run_id)
        self.statuses = [status]
        return Response(200, {"runId": run_id})

    def set_trigger_state(self, state: str) -> Response:
        if self.trigger is None:
            return not_found("NotFound", "The document could not be found.")
        self.trigger_states.append(state)
        return Response(200)

    def get_trigger(self, request: Request) -> Response:
        if self.trigger is None:
            return not_found("NotFound", "The document could not be found.")
        if self.trigger_states:
            self.trigger["properties"]["runtimeState"] = self.trigger_states.pop(0)
        return Response(200, self.trigger)


def requested_paths(cloud: Cloud) -> list[str]:
    """Method and path of every request. The path is relative to the factory."""
    return [f"{each.method} {each.path.removeprefix(FACTORY_PATH)}" for each in cloud.requests]


def count_starts(cloud: Cloud) -> int:
    """How often a run was started."""
    return requested_paths(cloud).count(f"POST {CREATE}")


def page(pages: list[list[dict[str, Any]]], body: dict[str, Any]) -> Response:
    """The page that a query asks for by its continuation token."""
    number = int(body.get("continuationToken") or 0)
    more = {"continuationToken": str(number + 1)} if number + 1 < len(pages) else {}
    return Response(200, {"value": pages[number], **more})


def not_found(code: str, message: str) -> Response:
    """Status 404 with that error code."""
    return Response(404, {"error": {"code": code, "message": message}})


def trigger() -> dict[str, Any]:
    """The daily trigger, stopped."""
    return {
        "id": f"{FACTORY_PATH}/triggers/{TRIGGER}",
        "name": TRIGGER,
        "properties": {
            "type": "ScheduleTrigger",
            "runtimeState": "Stopped",
            "pipelines": [{"pipelineReference": {"referenceName": PIPELINE, "type": "PipelineReference"}}],
            "typeProperties": {
                "recurrence": {
                    "frequency": "Day",
                    "interval": 1,
                    "startTime": "2026-01-01T03:00:00Z",
                    "timeZone": "UTC",
                }
            },
        },
    }
