"""Pipelines in Data Factory: the real client against a server on loopback that answers as Azure's API is documented."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.mgmt.datafactory import DataFactoryManagementClient

from jobs.data_factory import Factory, follow
from jobs.failure import Failure

FORBIDDEN = "ErrorCode=AdlsGen2Forbidden"
RUN = "2f7fdb90-5df1-4b8e-ac2f-064cfa58202b"
AT = "/subscriptions/the-subscription/resourceGroups/the-group/providers/Microsoft.DataFactory/factories/the-factory"


def copied(name: str, status: str, **more: Any) -> dict[str, Any]:
    return {
        "activityName": name,
        "activityType": "Copy",
        "activityRunId": name,
        "pipelineRunId": RUN,
        "status": status,
    } | more


class Azure:
    """What the server has been asked, and what it answers: a run with the statuses given, one a look."""

    def __init__(self, *statuses: str) -> None:
        self.statuses = list(statuses)
        self.asked: list[tuple[str, str, Any]] = []
        self.refusal: tuple[int, dict[str, Any]] | None = None
        self.activities = [
            [
                copied(
                    "Copy_Embeddings_PostgreSQL",
                    "Succeeded",
                    output={"rowsRead": 350, "rowsCopied": 350},
                    durationInMs=27000,
                )
            ],
            [
                copied(
                    "Copy_Images_BlobStorage",
                    "Failed",
                    error={"message": "ErrorCode=AdlsGen2Forbidden", "errorCode": "2200"},
                )
            ],
        ]

    def answer(self, path: str, body: Any) -> tuple[int, dict[str, Any]]:
        if self.refusal:
            return self.refusal
        if path.endswith("/createRun"):
            return 200, {"runId": RUN}
        if path.endswith("/queryActivityruns"):
            page = int(body.get("continuationToken", 0))
            more = {"continuationToken": str(page + 1)} if page + 1 < len(self.activities) else {}
            return 200, {"value": self.activities[page], **more}
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        return 200, {"runId": RUN, "pipelineName": "PL_Migrar_Datos_FER", "status": status, "message": "the end"}


@pytest.fixture
def azure() -> Azure:
    return Azure("Queued", "InProgress", "InProgress", "Failed")


@pytest.fixture
def factory(azure: Azure) -> Iterator[Factory]:
    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or "null")
            path = self.path.partition("?")[0]
            azure.asked.append((self.command, path, body))
            status, content = azure.answer(path, body)
            data = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = handle_any

        def log_message(self, format: str, *args: Any) -> None:
            """Not on the tests' stderr."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    client = DataFactoryManagementClient(
        credential=object(),  # type: ignore[arg-type]  # never asked: the policy below takes its place
        subscription_id="the-subscription",
        base_url=f"http://127.0.0.1:{server.server_port}",
        authentication_policy=SansIOHTTPPolicy(),
        retry_total=0,
    )
    with client:
        yield Factory(client, "the-group", "the-factory", wait=lambda seconds: None)
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_run_is_started_and_followed_to_its_end(azure: Azure, factory: Factory) -> None:
    lines: list[str] = []
    done = follow(factory, "PL_Migrar_Datos_FER", {"prefijoRuta": "raw/x/"}, lines.append)
    assert azure.asked[0] == ("POST", f"{AT}/pipelines/PL_Migrar_Datos_FER/createRun", {"prefijoRuta": "raw/x/"})
    assert [path for command, path, _ in azure.asked if command == "GET"] == [f"{AT}/pipelineruns/{RUN}"] * 4
    assert (done.pipeline, done.run_id, done.status, done.error) == ("PL_Migrar_Datos_FER", RUN, "Failed", "the end")
    first, second = done.activities
    assert (first.name, first.status, first.duration) == ("Copy_Embeddings_PostgreSQL", "Succeeded", 27.0)
    assert first.output == {"rowsRead": 350, "rowsCopied": 350}
    assert (second.name, second.status, second.error) == (
        "Copy_Images_BlobStorage",
        "Failed",
        "ErrorCode=AdlsGen2Forbidden",
    )
    assert [line for line in lines if line.startswith("PL_")][1:] == [
        f"PL_Migrar_Datos_FER: {status}" for status in ("Queued", "InProgress", "Failed")
    ]


@pytest.mark.parametrize(
    ("status", "code", "sentence"),
    [
        (404, "PipelineNotFound", "pulumi up"),
        (403, "AuthorizationFailed", "Data Factory Contributor"),
        (401, "ExpiredAuthenticationToken", "az login"),
        (400, "BadRequest", "refuses to run"),
    ],
)
def test_what_azure_refuses_is_one_sentence(
    azure: Azure, factory: Factory, status: int, code: str, sentence: str
) -> None:
    azure.refusal = status, {"error": {"code": code, "message": "told by Azure"}}
    with pytest.raises(Failure, match=sentence) as failure:
        follow(factory, "PL_Migrar_Datos_FER", {}, lambda line: None)
    assert "\n" not in str(failure.value)


def test_a_factory_that_is_not_there_is_told() -> None:
    client = DataFactoryManagementClient(
        credential=object(),  # type: ignore[arg-type]  # never asked: the policy below takes its place
        subscription_id="s",
        base_url="http://127.0.0.1:1",
        authentication_policy=SansIOHTTPPolicy(),
        retry_total=0,
    )
    with client, pytest.raises(Failure, match="cannot be reached"):
        follow(Factory(client, "g", "f"), "PL_Migrar_Datos_FER", {}, lambda line: None)


def test_an_interrupted_wait_leaves_the_run_and_says_so(azure: Azure, factory: Factory) -> None:
    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    lines: list[str] = []
    waiting = Factory(factory.client, factory.resource_group, factory.name, interrupt)
    with pytest.raises(KeyboardInterrupt):
        follow(waiting, "PL_Migrar_Datos_FER", {}, lines.append)
    assert RUN in lines[-1] and "goes on in Azure" in lines[-1]
