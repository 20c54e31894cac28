"""A copy of adf/ to alter, data to copy, and a relay that lets things go wrong on the way."""

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
from jobs.target import Target

Change = Callable[[str], AbstractContextManager[dict[str, Any]]]


@pytest.fixture
def adf(tmp_path: Path) -> Path:
    """The project's documents, to do with as a test likes."""
    return Path(shutil.copytree(PROJECT / "adf", tmp_path / "adf"))


@pytest.fixture
def change(adf: Path) -> Change:
    """Alter one document of the copy: `with change("dataset/DS_X") as properties: ...`."""

    @contextmanager
    def changed(name: str) -> Iterator[dict[str, Any]]:
        path = adf / f"{name}.json"
        document = json.loads(path.read_text(encoding="utf-8"))
        yield document["properties"]
        path.write_text(json.dumps(document), encoding="utf-8")

    return changed


@pytest.fixture
def alter(change: Change) -> Callable[[str, str, Any], None]:
    """Put a value at a path of a document's properties, or take out what is there: `alter("dataset/DS_X", "a.0.b", 1)`.

    The value `...` takes it out.
    """

    def altered(name: str, path: str, value: Any) -> None:
        with change(name) as node:
            *steps, last = path.split(".")
            for step in steps:
                node = node[int(step)] if isinstance(node, list) else node[step]
            if value is ...:
                del node[last]
            else:
                node[last] = value

    return altered


@pytest.fixture
def only_pictures(change: Change) -> None:
    """Leave the table out, and try once."""
    with change("pipeline/PL_Migrar_Datos_FER") as properties:
        del properties["activities"][0]
        properties["activities"][0]["policy"]["retry"] = 0


@pytest.fixture
def only_rows(change: Change) -> None:
    """Leave the pictures out, and try once."""
    with change("pipeline/PL_Migrar_Datos_FER") as properties:
        del properties["activities"][1]
        properties["activities"][0]["policy"]["retry"] = 0


@pytest.fixture
def nowhere() -> Target:
    """A target without services that could be reached."""
    return Target(**{field.name: 1 if field.name == "postgres_port" else "nowhere" for field in fields(Target)})


@pytest.fixture
def fill(cloud_url: str) -> Callable[[int], None]:
    """Put so many rows into the target's table."""

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
def between(target: Target) -> Iterator[tuple[Target, list[Callable[[str, str], None]]]]:
    """The target with a relay before what its pipeline copies from and to.

    The functions in the list see each request before it goes on: method and path.
    """
    service = urlsplit(target.pictures_url)
    seen_by: list[Callable[[str, str], None]] = []

    class Relay(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def relay(self) -> None:
            for function in seen_by:
                function(self.command, urlsplit(self.path).path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            onward = http.client.HTTPConnection(str(service.hostname), service.port)
            onward.request(self.command, self.path, body, dict(self.headers))
            answer = onward.getresponse()
            data = answer.read()
            onward.close()
            self.send_response(answer.status)
            for key, value in answer.getheaders():
                if key.lower() not in ("transfer-encoding", "content-length", "connection", "date", "server"):
                    self.send_header(key, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_PUT = relay

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Relay) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        urls = {name: relayed(getattr(target, name), server.server_port) for name in ("pictures_url", "lake_dfs_url")}
        yield replace(target, **urls), seen_by
        server.shutdown()


def relayed(url: str, port: int) -> str:
    return f"http://127.0.0.1:{port}{urlsplit(url).path}"
