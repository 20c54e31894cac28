"""What the hub does not give: not there, gated, without safetensors. Each sentence names the way without it."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from jobs.errors import ErrorKind, JobError
from jobs.finetune.base import find_base, folder_base
from jobs.finetune.data import write_data
from jobs.finetune.order import DataFolder
from jobs.finetune.split import Share
from jobs.finetune.take import Source

DATA = DataFolder(folder=Path("none"), sha256="d", train=2, test=2)
COMMIT = "c" * 40
ANSWERS = {  # status, X-Error-Code and body, as huggingface.co sends them
    "gone/model": (404, "RepoNotFound", {"error": "Repository not found"}),
    "gated/model": (403, "GatedRepo", {"error": "Access to model gated/model is restricted"}),
    "pickled/model": (
        200,
        "",
        {"id": "pickled/model", "sha": COMMIT, "siblings": [{"rfilename": "pytorch_model.bin"}]},
    ),
    "good/model": (200, "", {"id": "good/model", "sha": COMMIT, "siblings": [{"rfilename": "model.safetensors"}]}),
}


class Hub(BaseHTTPRequestHandler):
    """The two pages of the hub that name a commit."""

    def do_GET(self) -> None:
        name = "/".join(self.path.split("?")[0].split("/")[3:5])
        status, code, body = ANSWERS[name]
        data = json.dumps(body).encode()
        self.send_response(status)
        for header, value in (
            ("X-Error-Code", code),
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(data))),
        ):
            self.send_header(header, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def hub(state: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A hub on loopback."""
    server = HTTPServer(("127.0.0.1", 0), Hub)
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr("huggingface_hub.hf_api.constants.ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setattr("huggingface_hub.hf_api.api.endpoint", f"http://127.0.0.1:{server.server_port}")
    yield
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("name", "kind", "sentence"),
    [
        ("gone/model", ErrorKind.not_found, r"has not the model gone/model .* --model FOLDER"),
        (
            "gated/model",
            ErrorKind.refused,
            r"accept them on its page, `hf auth login`, or copy it and use --model FOLDER",
        ),
        ("pickled/model", ErrorKind.invalid, "has no weights as safetensors, and pickled ones are never loaded"),
    ],
)
def test_each_refusal_has_its_sentence(hub: None, name: str, kind: ErrorKind, sentence: str) -> None:
    with pytest.raises(JobError, match=sentence) as error:
        find_base(name, DATA)
    assert error.value.kind is kind


def test_a_name_is_held_to_a_commit(hub: None) -> None:
    assert find_base("good/model", DATA).revision == COMMIT


def test_a_data_set_that_is_not_there(hub: None, tmp_path: Path) -> None:
    with pytest.raises(JobError, match=r"has not the data set gone/model .* --source FILE\.jsonl"):
        write_data(Source(name="gone/model"), Share(), tmp_path / "out")


def test_a_folder_with_pickled_weights_or_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(JobError, match=r"has no config\.json of a model"):
        folder_base(tmp_path)
    (tmp_path / "config.json").write_text('{"model_type": "phi3"}')
    (tmp_path / "pytorch_model.bin").write_bytes(b"pickle")
    with pytest.raises(JobError, match=r"only pickled ones \(pytorch_model\.bin\), which are never loaded"):
        folder_base(tmp_path)


@pytest.mark.parametrize("name", ["no-such-folder", "../x", "a/b/c", "catalogue:Phi"])
def test_what_is_neither_a_folder_nor_a_name(name: str) -> None:
    with pytest.raises(JobError):
        find_base(name, DATA)
