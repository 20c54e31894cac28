"""The endpoint of fine-tuned models: one process on loopback, and a child of it for each deployment.

What it serves is in the folder that it is started with (`jobs/finetune/serving/server.py`). It runs until `local down`.
"""

import sys
from pathlib import Path

from jobs.local.detached_server import DetachedServer
from jobs.local.ports import HOST
from jobs.state import state_folder

MODULE = "jobs.finetune.serving.server"


def endpoint_folder() -> Path:
    return state_folder() / "finetune" / "endpoint"


class EndpointServer(DetachedServer):
    """The server of a folder: `state.json` says what it serves, `key` is its key: not in its command line."""

    title, banner, port_option = "The endpoint", "vector-lake-finetune", "--port"

    def exists(self) -> bool:
        return (self.folder / "state.json").exists()

    def url(self) -> str | None:
        """The URL of /score where it runs, else None."""
        return f"http://{HOST}:{self.port()}/score" if self.silence() is None else None

    def place(self) -> Path:
        return self.folder

    def make_folder(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def command(self, port: int) -> list[str]:
        return [sys.executable, "-m", MODULE, str(self.folder), self.port_option, str(port)]
