"""A copy of adf/ to change, data to copy, and a relay in front of the storage in which a test causes faults."""

import http.client
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import fields, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import psycopg2
import pytest

from jobs import PROJECT
from jobs.pipeline.local_runner import attempts
from jobs.target import Target
from tests.jobs.pipeline.local_runner.adf_copy import DELETE, PIPELINE, Alter

Change = Callable[[str], AbstractContextManager[dict[str, Any]]]


@pytest.fixture
def adf(tmp_path: Path) -> Path:
    """A copy of the project's documents, which a test may change."""
    return Path(shutil.copytree(PROJECT / "adf", tmp_path / "adf"))


@pytest.fixture
def change(adf: Path) -> Change:
    """Change the properties of one document of the copy: `with change("dataset/DS_X") as properties: ...`."""

    @contextmanager
    def changed(name: str) -> Iterator[dict[str, Any]]:
        path = adf / f"{name}.json"
        document = json.loads(path.read_text(encoding="utf-8"))
        yield document["properties"]
        path.write_text(json.dumps(document), encoding="utf-8")

    return changed


@pytest.fixture
def alter(change: Change) -> Alter:
    """Set the value at a path of a document's properties: `alter("dataset/DS_X", "a.0.b", 1)`.

    The value DELETE deletes the property.
    """

    def altered(name: str, path: str, value: Any) -> None:
        with change(name) as node:
            *steps, last = path.split(".")
            for step in steps:
                node = node[int(step)] if isinstance(node, list) else node[step]
            if value is DELETE:
                del node[last]
            else:
                node[last] = value

    return altered


@pytest.fixture
def only_pictures(change: Change) -> None:
    """Delete the activity that copies the table, and the other one's retries."""
    with change(PIPELINE) as properties:
        del properties["activities"][0]
        properties["activities"][0]["policy"]["retry"] = 0


@pytest.fixture
def only_rows(change: Change) -> None:
    """Delete the activity that copies the pictures, and the other one's retries."""
    with change(PIPELINE) as properties:
        del properties["activities"][1]
        properties["activities"][0]["policy"]["retry"] = 0


@pytest.fixture
def any_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    """Allow timeouts below Data Factory's ten minutes."""
    monkeypatch.setattr(attempts, "MIN_TIMEOUT", "00:00:00")


@pytest.fixture
def unreachable() -> Target:
    """A target whose services do not exist. Its key is one in base64."""
    values = {field.name: 1 if field.name == "postgres_port" else "nowhere" for field in fields(Target)}
    return Target(**values | {"storage_key": "bm93aGVyZQ=="})


@pytest.fixture
def fill(cloud_url: str) -> Callable[[int], None]:
    """A function that inserts a number of rows into the target's table."""

    def filled(rows: int) -> None:
        with psycopg2.connect(cloud_url) as db, db.cursor() as cursor:
            cursor.execute(
                "INSERT INTO imagenes_fer (filepath, emotion, vector) SELECT 'happy/' || n || '.jpg', 'happy', "
                "(SELECT array_agg(random()) FROM generate_series(1, 512) WHERE n = n)::vector(512) "
                "FROM generate_series(1, %s) n",
                (rows,),
            )
        db.close()

    return filled


@pytest.fixture
def relayed(target: Target) -> Iterator[tuple[Target, list[Callable[[str, str], None]]]]:
    """The target with a relay in front of its storage, and a list of functions.

    The relay calls each function with the method and the path of each request, before it forwards the request.
    """
    service = urlsplit(target.pictures_url)
    hooks: list[Callable[[str, str], None]] = []

    class Relay(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def relay(self) -> None:
            for function in hooks:
                function(self.command, urlsplit(self.path).path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            upstream = http.client.HTTPConnection(str(service.hostname), service.port)
            upstream.request(self.command, self.path, body, dict(self.headers))
            answer = upstream.getresponse()
            data = answer.read()
            upstream.close()
            self.send_response(answer.status)
            for key, value in answer.getheaders():
                if key.lower() not in ("transfer-encoding", "content-length", "connection", "date", "server"):
                    self.send_header(key, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_PUT = relay

        def log_message(self, *_: Any) -> None:
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Relay) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        urls = {name: relay_url(getattr(target, name), server.server_port) for name in ("pictures_url", "lake_dfs_url")}
        yield replace(target, **urls), hooks
        server.shutdown()


def relay_url(url: str, port: int) -> str:
    return f"http://127.0.0.1:{port}{urlsplit(url).path}"
