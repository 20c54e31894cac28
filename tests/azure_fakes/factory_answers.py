"""A factory of the tests: its names, and what Data Factory answers about its runs and its trigger.

https://learn.microsoft.com/rest/api/datafactory/pipeline-runs (get, query-by-factory)
https://learn.microsoft.com/rest/api/datafactory/activity-runs/query-by-pipeline-run
https://learn.microsoft.com/rest/api/datafactory/triggers/get
"""

from typing import Any

from jobs.target import Target
from tests.azure_fakes.cloud import Response

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
