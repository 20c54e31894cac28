"""The application, served in this process; and a browser without JavaScript: requests."""

import re
import threading
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from jobs.app.access import Access
from jobs.app.desk import Desk, Setup, State
from jobs.app.routes import build_application
from jobs.app.run import bind, build_server
from jobs.app.work import Work
from jobs.commands.chat_options import ChatOptions
from jobs.commands.web import build_setup
from jobs.embed.options import EmbedOptions
from jobs.embed.run import embed_pictures
from jobs.errors import JobError
from jobs.index.faiss_index import load_index
from jobs.index.run import build_index
from jobs.local.services import laptop_url
from jobs.migrate.run import migrate_table
from jobs.pipeline.local_runner.run import run_locally
from jobs.storage.client import lake_container, pictures_container
from jobs.storage.lake import parquet_etag
from jobs.target import Target
from jobs.upload.run import upload_pictures
from jobs.verify.run import verify_target
from tests.jobs.cli_process import wait_for

WRITE_PICTURES = "WRITE_PICTURES"  # the variable of `make pictures`: as many faces as the demo draws
BACKGROUND = ("warm-up", "explore", "answer")  # threads of the application that end by themselves


@dataclass
class Served:
    """`desk` and `work` are those of the application at `url`, `state` all that its pages share."""

    url: str
    access: Access
    desk: Desk
    work: Work
    state: Any = None
    session: requests.Session = field(default_factory=requests.Session)

    @property
    def token_url(self) -> str:
        return f"{self.url}/?token={self.access.token}"

    def log_in(self) -> "Served":
        """Open the printed address, as a browser does."""
        assert self.session.get(self.token_url).status_code == 200
        return self

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.session.get(self.url + path, **options)

    def word(self) -> str:
        """The form word of this browser."""
        return re.findall(r'name="word" value="(\w+)"', self.get("/search").text)[0]

    def post(self, path: str, data: dict[str, Any], **options: Any) -> requests.Response:
        """Send a form as this browser does, from our own origin."""
        headers = {"Origin": self.url} | options.pop("headers", {})
        return self.session.post(self.url + path, {"word": self.word(), **data}, headers=headers, **options)

    def give(self, picture: bytes, **fields: Any) -> requests.Response:
        """Send a picture."""
        return self.post("/search", fields, files={"picture": ("face.jpg", picture)})


class Server:
    """Serves the application in a thread, until `stop`."""

    def __init__(self, setup: Setup | None = None) -> None:
        self._listener = bind("127.0.0.1", 0)
        port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        desk = Desk(setup or build_setup(ChatOptions()))
        access = Access(frozenset({f"127.0.0.1:{port}", f"localhost:{port}"}), f"vector-lake-{port}")
        work = Work(desk)
        application = build_application(desk, work, access)
        self.served = Served(self.url, access, desk, work, application.app.state)
        self._server = build_server(application)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._listener]})

    def start(self) -> Served:
        """Serve, and wait until the desk is warm."""
        self._thread.start()
        self.served.desk.warm_up_behind()
        desk = self.served.desk
        wait_for(lambda: desk.state is not State.starting, lambda: f"still {desk.line}")
        return self.served

    def stop(self) -> None:
        """End it, and wait for all that it has started in the background: it may write into the state folder."""
        self._server.should_exit = True
        self._thread.join()
        self.served.work.close()
        for thread in threading.enumerate():
            if thread.name in BACKGROUND:
                thread.join()
        self.served.desk.close()
        with closing(self._listener):
            self.served.session.close()


def fill_laptop(target: Target, faces: Path, weights: str) -> None:
    """Bring a folder of faces through every step, into the laptop's own databases and containers."""
    embed_pictures(faces, laptop_url(), EmbedOptions(weights=weights, replace=True))
    migrate_table(laptop_url(), target, delete=True)
    upload_pictures(faces, pictures_container(target), prune=True, replace=True)
    assert run_locally(target, "PL_Migrar_Datos_FER", {}).status == "Succeeded"
    build_index(target, "lake")


def is_filled(target: Target, faces: Path) -> bool:
    """Whether the laptop is still as `fill_laptop` has filled it: the tests of another file need not do it again."""
    try:
        found, container = verify_target(target, laptop_url(), sample=0), lake_container(target)
        etag = load_index(container).manifest.parquet_etag
    except JobError:
        return False
    rows = sum(1 for _ in faces.rglob("*.jpg"))
    return (
        found.ok
        and found.rows_source == found.images == rows
        and not found.extra_images
        and etag == parquet_etag(container)
    )
