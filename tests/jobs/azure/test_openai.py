"""The client of OpenAI's API: a server on this computer over plain http, and where text may go."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from jobs.azure.openai import Connection, open_client, server_connection
from jobs.entry import main
from jobs.errors import JobError
from jobs.target import Target
from tests.azure_fakes.cloud import Cloud, Request, Response
from tests.azure_fakes.openai_models import Models
from tests.azure_fakes.openai_replies import Say


@pytest.fixture
def server() -> Iterator[tuple[str, Models]]:
    """A server on loopback, as Ollama is one."""
    models = Models(deployments={"m": "m"})

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = models(Request("POST", "127.0.0.1", self.path, {}, headers, body))
            data = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:
            """Keep the tests' stderr clean."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}/v1", models
        http.shutdown()
        thread.join()


def test_a_server_on_this_computer_answers(
    server: tuple[str, Models], laptop: Target, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url, models = server
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    models.replies.append(Say("Hello."))
    assert main(["chat", "ask", "x", "--base-url", url, "--model", "m"]) == 0
    printed = capsys.readouterr()
    assert printed.out.startswith("Hello.") and "nothing leaves this computer" in printed.err
    assert models.tokens == ["Bearer none"]


def test_no_proxy_stands_before_this_computer(server: tuple[str, Models], monkeypatch: pytest.MonkeyPatch) -> None:
    url, models = server
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    models.replies.append(Say("Hello."))
    with open_client(server_connection(url)) as client:
        assert client.responses.create(model="m", input=[], store=False).output_text == "Hello."


def test_the_authority_of_azures_sdks_is_enough(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    cloud.services["models.example"] = lambda request: Response(200, {"object": "list", "data": []})
    with open_client(server_connection("https://models.example/v1")) as client:
        assert list(client.models.list()) == []


def test_no_redirect_takes_the_text_elsewhere(cloud: Cloud, laptop: Target, capsys: pytest.CaptureFixture[str]) -> None:
    cloud.services["models.example"] = lambda request: Response(
        307, {}, {"Location": "https://other.example/v1/responses"}
    )
    cloud.services["other.example"] = lambda request: Response(200, {})
    assert main(["chat", "ask", "x", "--base-url", "https://models.example/v1", "--model", "m", "--json"]) == 1
    assert {request.host for request in cloud.requests} == {"models.example"}
    assert json.loads(capsys.readouterr().out)["error"]


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/v1",
        "http://10.0.0.1/v1",
        "http://0.0.0.0/v1",
        "http://127.0.0.1.evil.com/v1",
        "http://localhost.evil.com/v1",
        "http://127.0.0.1@evil.com/v1",
        "http://@evil.com/v1",
        "http://evil.com#@127.0.0.1/",
        "http://127.0.0.1#@evil.com/",
        "http://127.0.0.1\\@evil.com/",
        "http://127.0.0.1\\.evil.com/",
        "http://127.0.0.1\t.evil.com/v1",
        "http://127.0.0.1:1/v1\nx",
        " http://127.0.0.1:1/v1",
        "http://[::1",
        "http://127.0.0.1:99999/v1",
        "http://127.0.0.1:abc/v1",
        "https://a:b@host/v1",
        "https://h ost/v1",
        "https://",
        "file:///etc",
        "x",
        "",
    ],
)
def test_text_goes_to_no_other_computer_in_the_clear(url: str) -> None:
    with pytest.raises(JobError):
        server_connection(url)


@pytest.mark.parametrize("key", ["sk-secret\nx", "sk-secrét", "sk-\x7fsecret"])
def test_a_key_that_no_header_can_carry_is_not_shown(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with pytest.raises(JobError, match="OPENAI_API_KEY has characters") as raised:
        open_client(Connection("https://models.example/v1"))
    assert "sk-" not in str(raised.value)


def test_the_end_of_a_line_after_a_key_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret\r\n")
    with open_client(Connection("https://models.example/v1")) as client:
        assert client.api_key == "sk-secret"


@pytest.mark.parametrize("url", ["http://localhost:1/v1", "http://127.0.0.2:1/v1", "http://[::1]:1/v1"])
def test_this_computer_may_be_asked_in_the_clear(url: str) -> None:
    assert server_connection(url) == Connection(url) and Connection(url).is_loopback
