"""The download of the ImageNet weights from a real HTTP server on loopback: whole, or a sentence and nothing left."""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

import pytest

from jobs.bench.torch_ops import torchvision_models
from jobs.embed import download
from jobs.embed.download import DownloadError, checkpoints_folder, imagenet_file
from jobs.errors import ErrorKind, JobError

DATA = os.urandom(300_000)
Answer = Callable[[BaseHTTPRequestHandler], None]


def send(handler: BaseHTTPRequestHandler, data: bytes, status: int = 200, length: int | None = None) -> None:
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(data) if length is None else length))
    handler.end_headers()
    handler.wfile.write(data)


@contextmanager
def server(answer: Answer) -> Iterator[str]:
    """Answer every GET. Yields the URL of the file."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.daemon_threads = True
    thread = Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}/models/resnet18-f37072fd.pth"
    httpd.shutdown()
    thread.join()
    httpd.server_close()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of torch.hub, without a proxy."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(download, "HASH", hashlib.sha256(DATA).hexdigest()[:8])
    return tmp_path / "torch/hub/checkpoints"


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_address_and_hash_are_those_of_torchvision() -> None:
    weights = torchvision_models().ResNet18_Weights.IMAGENET1K_V1
    assert weights.url == download.URL
    assert weights.url.endswith(f"-{download.HASH}.pth")
    assert f"{weights.meta['_file_size']:.0f} MB" in download.LABEL


def test_the_cache_is_torch_hubs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import torch

    for variables in ({}, {"TORCH_HOME": str(tmp_path)}, {"XDG_CACHE_HOME": str(tmp_path)}, {"TORCH_HOME": "~/t"}):
        for name in ("TORCH_HOME", "XDG_CACHE_HOME"):
            monkeypatch.delenv(name, raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        assert checkpoints_folder() == Path(torch.hub.get_dir()) / "checkpoints"


def test_a_download_says_what_it_does_and_is_not_repeated(
    cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[str] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        asked.append(handler.path)
        send(handler, DATA)

    with server(answer) as url:
        monkeypatch.setattr(download, "URL", url)
        file = imagenet_file()
        assert imagenet_file() == file
    assert file.read_bytes() == DATA
    assert (len(asked), files(cache)) == (1, [file.name])
    assert "Downloading the ImageNet weights (45 MB, once)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (lambda handler: send(handler, DATA[:1000], length=len(DATA)), "ended before the whole file was there"),
        (lambda handler: send(handler, b"<html>Log in to this network</html>"), "the server sent another file"),
        (lambda handler: send(handler, b"", 404), "127.0.0.1:PORT answers 404 Not Found"),
        (lambda handler: send(handler, b"", 503), "answers 503 Service Unavailable"),
        (lambda handler: None, "no connection to 127.0.0.1:PORT"),
    ],
)
def test_a_download_that_fails_is_one_sentence_and_leaves_nothing(
    cache: Path, monkeypatch: pytest.MonkeyPatch, answer: Answer, reason: str
) -> None:
    with server(answer) as url:
        monkeypatch.setattr(download, "URL", url)
        with pytest.raises(DownloadError) as raised:
            imagenet_file()
    sentence = str(raised.value)
    assert reason.replace("127.0.0.1:PORT", url.split("/")[2]) in sentence
    assert "--weights FILE" in sentence and "\n" not in sentence and "object at 0x" not in sentence
    assert raised.value.kind is ErrorKind.unavailable
    assert files(cache) == []


def test_a_server_that_falls_silent_is_not_waited_for_without_end(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = Event()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        send(handler, DATA[:1000], length=len(DATA))
        handler.wfile.flush()
        ended.wait()

    monkeypatch.setattr(download, "SILENT_SECONDS", 0.2)
    with server(answer) as url:
        monkeypatch.setattr(download, "URL", url)
        with pytest.raises(DownloadError, match=r"sends nothing for 0\.2 s"):
            imagenet_file()
        ended.set()
    assert files(cache) == []


def test_no_network_is_one_sentence(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "URL", "http://127.0.0.1:9/models/resnet18-f37072fd.pth")
    with pytest.raises(DownloadError, match=r"no connection to 127\.0\.0\.1:9"):
        imagenet_file()


def test_a_damaged_file_in_the_cache_is_refused_and_kept(cache: Path) -> None:
    cache.mkdir(parents=True)
    file = cache / "resnet18-f37072fd.pth"
    file.write_bytes(DATA[:1000])
    with pytest.raises(JobError, match="Delete it") as raised:
        imagenet_file()
    assert str(file) in str(raised.value) and file.read_bytes() == DATA[:1000]


def test_the_bar_of_a_download_counts_bytes(
    cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("FORCE_COLOR", "1")  # rich then takes a captured stream for a terminal
    with server(lambda handler: send(handler, DATA)) as url:
        monkeypatch.setattr(download, "URL", url)
        imagenet_file()
    assert "300.0/300.0 kB" in capsys.readouterr().err
