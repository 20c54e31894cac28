"""Data Factory: one factory whose runs take the statuses that a test sets (api-version 2018-06-01).

https://learn.microsoft.com/rest/api/datafactory/pipelines/create-run
https://learn.microsoft.com/rest/api/datafactory/pipeline-runs (get, query-by-factory, cancel)
https://learn.microsoft.com/rest/api/datafactory/activity-runs/query-by-pipeline-run
https://learn.microsoft.com/rest/api/datafactory/triggers (get, start, stop)
"""

from collections.abc import Callable
from threading import Lock
from typing import Any

from tests.azure_fakes.answers import answer
from tests.azure_fakes.azure import Azure, Resource
from tests.azure_fakes.cloud import Cloud, Request, Response
from tests.azure_fakes.factory_answers import (
    CREATE,
    FACTORY_PATH,
    FILES,
    RERUN,
    ROWS,
    RUN,
    TRIGGER,
    pipeline_run,
    trigger,
)


class DataFactory:
    """One factory with one pipeline and one trigger.

    `statuses`: what each poll of a run returns in turn; the last stays. `activity_pages`: the pages of its activity
    runs. `run_pages`: the pages of the factory's runs. `trigger_states`: what the next polls of the trigger return.
    `first_responses`: by the end of a path, responses that are returned before the factory's own, each once.
    """

    def __init__(self, azure: Azure | None = None, path: str = FACTORY_PATH) -> None:
        self.azure, self.path = azure or Azure(), path
        self.statuses = ["Succeeded"]
        self.message = ""
        self.run_ids = [RUN]
        self.activity_pages: list[list[dict[str, Any]]] = [[ROWS], [FILES]]
        self.run_pages: list[list[dict[str, Any]]] = [[]]
        if azure is None:
            self.trigger = trigger()
        self.trigger_states: list[str] = []
        self.first_responses: dict[str, list[Response]] = {}
        self._lock = Lock()

    @property
    def trigger(self) -> Resource | None:
        """The trigger among the resources of the played Azure; None where there is none. Set it with Azure's body."""
        return self.azure.find(f"{self.path}/triggers/{TRIGGER}")

    @trigger.setter
    def trigger(self, body: dict[str, Any] | None) -> None:
        self.azure.remove(f"{self.path}/triggers/{TRIGGER}")
        if body is not None:
            properties = dict(body["properties"])
            state = {"runtimeState": properties.pop("runtimeState", "Stopped")}
            resource = self.azure.put(f"{self.path}/triggers/{TRIGGER}", {"properties": properties})
            resource.assigned = {"properties": state}

    def __call__(self, request: Request) -> Response:
        """Answer every request, those for something else with 404."""
        missing = not_found("ResourceNotFound", f"The Resource '{request.path}' was not found.")
        return self.from_resource_manager(request) or missing

    def from_resource_manager(self, request: Request) -> Response | None:
        """Answer a request for this factory's runs and its trigger, None for every other."""
        with self._lock:
            for end, answers in self.first_responses.items():
                if request.path.endswith(end) and answers:
                    return answers.pop(0)
            if not request.path.startswith(self.path) or request.query.get("api-version") != "2018-06-01":
                return None
            return self.respond(request, request.path.removeprefix(self.path))

    def respond(self, request: Request, path: str) -> Response | None:
        if path == f"/triggers/{TRIGGER}" and request.method == "GET":
            return self.get_trigger(request)
        handlers: dict[str, Callable[[Request], Response]] = {
            CREATE: self.create,
            "/queryPipelineRuns": lambda request: page(self.run_pages, request.body),
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
        return handler(request) if handler else None

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
            self.trigger.assigned["properties"]["runtimeState"] = self.trigger_states.pop(0)
        return Response(200, answer(self.trigger))


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
