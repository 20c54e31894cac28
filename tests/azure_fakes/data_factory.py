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
from tests.azure_fakes.cloud import Answer, Cloud, Request

HOST = "management.azure.com"
GROUP = "/subscriptions/the-subscription/resourceGroups/the-group"
AT = f"{GROUP}/providers/Microsoft.DataFactory/factories/the-factory"
PIPELINE, TRIGGER = "PL_Migrar_Datos_FER", "TR_Diario_FER"
RUN, AGAIN = "2f7fdb90-5df1-4b8e-ac2f-064cfa58202b", "80a01654-a9d3-4ad1-8b3f-cac5d5d76b67"
CREATE = f"/pipelines/{PIPELINE}/createRun"
FOLLOW = f"python -m jobs run-pipeline --follow {RUN} --target dev"
EXPIRED = Answer(401, {"error": {"code": "ExpiredAuthenticationToken", "message": "The access token expired."}})
TEXT = {name: "x" for name in Target.__dataclass_fields__}
OUTPUTS: dict[str, Any] = TEXT | {
    "subscription_id": "the-subscription",
    "resource_group": "the-group",
    "factory_name": "the-factory",
    "pipeline_runner": "data_factory",
    "postgres_port": 5432,
}


def copied(name: str, status: str, **more: Any) -> dict[str, Any]:
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


ROWS = copied(
    "Copy_Embeddings_PostgreSQL", "Succeeded", output={"rowsRead": 350, "rowsCopied": 350}, durationInMs=27000
)
FILES = copied("Copy_Images_BlobStorage", "Succeeded", output={"filesRead": 350, "filesWritten": 350}, durationInMs=950)
FORBIDDEN = {
    "errorCode": "2200",
    "message": "ErrorCode=AdlsGen2OperationFailed,'Type=Microsoft.DataTransfer...\nStatusCode=Forbidden",
    "failureType": "UserError",
    "target": "Copy_Images_BlobStorage",
    "details": [],
}


def listed(run_id: str, start: str, status: str = "Succeeded", **more: Any) -> dict[str, Any]:
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

    `statuses`: what each poll of a run returns in turn; the last stays. `pages`: the pages of its activity runs.
    `lists`: the pages of the factory's runs. `turning`: states that the trigger still takes, one a poll.
    `first`: by the end of a path, answers that are returned before the factory's own, each once.
    """

    def __init__(self) -> None:
        self.statuses = ["Succeeded"]
        self.message = ""
        self.run_ids = [RUN]
        self.pages: list[list[dict[str, Any]]] = [[ROWS], [FILES]]
        self.lists: list[list[dict[str, Any]]] = [[]]
        self.trigger: dict[str, Any] | None = trigger()
        self.turning: list[str] = []
        self.first: dict[str, list[Answer]] = {}
        self._lock = Lock()

    def __call__(self, request: Request) -> Answer:
        with self._lock:
            for end, answers in self.first.items():
                if request.path.endswith(end) and answers:
                    return answers.pop(0)
            if not request.path.startswith(AT) or request.query.get("api-version") != "2018-06-01":
                return missing("ResourceNotFound", f"The Resource '{request.path}' was not found.")
            return self.answer(request, request.path.removeprefix(AT))

    def answer(self, request: Request, path: str) -> Answer:
        handlers: dict[str, Callable[[Request], Answer]] = {
            CREATE: self.create,
            "/queryPipelineRuns": lambda request: page(self.lists, request.body),
            f"/triggers/{TRIGGER}": self.tell_trigger,
            f"/triggers/{TRIGGER}/start": lambda request: self.turn("Started"),
            f"/triggers/{TRIGGER}/stop": lambda request: self.turn("Stopped"),
        }
        for run_id in self.run_ids:
            handlers |= {
                f"/pipelineruns/{run_id}": lambda request, run_id=run_id: self.tell_run(run_id),  # type: ignore[misc]
                f"/pipelineruns/{run_id}/cancel": self.cancel,
                f"/pipelineruns/{run_id}/queryActivityruns": lambda request: page(self.pages, request.body),
            }
        handler = handlers.get(path)
        return handler(request) if handler else missing("NotFound", "The document could not be found.")

    def create(self, request: Request) -> Answer:
        if request.query.get("referencePipelineRunId"):
            self.run_ids.append(AGAIN)
            self.statuses = ["InProgress", "Succeeded"]
        return Answer(200, {"runId": self.run_ids[-1]})

    def tell_run(self, run_id: str) -> Answer:
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        return Answer(200, listed(run_id, "2026-11-21T03:00:00.6257014Z", status, message=self.message))

    def cancel(self, request: Request) -> Answer:
        self.statuses = ["Canceling", "Cancelled"]
        return Answer(200)

    def ended(self, status: str, run_id: str = RUN) -> Answer:
        """End the run with that status at once, and answer the request that started it."""
        self.run_ids.append(run_id)
        self.statuses = [status]
        return Answer(200, {"runId": run_id})

    def turn(self, state: str) -> Answer:
        if self.trigger is None:
            return missing("NotFound", "The document could not be found.")
        self.turning.append(state)
        return Answer(200)

    def tell_trigger(self, request: Request) -> Answer:
        if self.trigger is None:
            return missing("NotFound", "The document could not be found.")
        if self.turning:
            self.trigger["properties"]["runtimeState"] = self.turning.pop(0)
        return Answer(200, self.trigger)


def asked(cloud: Cloud) -> list[str]:
    """Method and path of every request. The path is relative to the factory."""
    return [f"{each.method} {each.path.removeprefix(AT)}" for each in cloud.asked]


def creations(cloud: Cloud) -> int:
    """How often a run was started."""
    return asked(cloud).count(f"POST {CREATE}")


def page(pages: list[list[dict[str, Any]]], body: dict[str, Any]) -> Answer:
    """The page that a query asks for by its continuation token."""
    number = int(body.get("continuationToken") or 0)
    more = {"continuationToken": str(number + 1)} if number + 1 < len(pages) else {}
    return Answer(200, {"value": pages[number], **more})


def missing(code: str, message: str) -> Answer:
    """Status 404 with that error code."""
    return Answer(404, {"error": {"code": code, "message": message}})


def trigger() -> dict[str, Any]:
    """The daily trigger, stopped."""
    return {
        "id": f"{AT}/triggers/{TRIGGER}",
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
