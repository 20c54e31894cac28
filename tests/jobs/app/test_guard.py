"""Who gets in, under which name, with how much: over real sockets, as hostile as a page or a program can be."""

import http.client
import io
import socket
import struct
import tempfile
import time
import zlib
from pathlib import Path

import pytest
import requests

from jobs.app import guard
from jobs.app.given import MOST_BYTES
from tests.jobs.served import Served

PICTURE = next(iter(sorted(Path(__file__).parent.glob("*"))))  # any file: it is not a picture


def connect(application: Served) -> http.client.HTTPConnection:
    host, _, port = application.url.removeprefix("http://").partition(":")
    return http.client.HTTPConnection(host, int(port), timeout=30)


def status_of(application: Served, method: str, path: str, **headers: str) -> int:
    """The status of a request with exactly these headers."""
    connection = connect(application)
    connection.putrequest(method, path, skip_host="Host" in headers)
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    status = connection.getresponse().status
    connection.close()
    return status


def cookie_of(application: Served) -> str:
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in application.session.cookies)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:1", "", "127.0.0.1.nip.io", "localhost"])
def test_another_host_is_refused_before_anything_else(application: Served, host: str) -> None:
    for path in ("/search", "/static/page.css", f"/?token={application.access.token}"):
        assert status_of(application, "GET", path, Host=host, Cookie=cookie_of(application)) == 421


def test_the_token_becomes_a_cookie_of_the_browser_and_leaves_the_address(application: Served) -> None:
    answer = requests.get(
        timeout=30, url=f"{application.url}/search?k=3&token={application.access.token}", allow_redirects=False
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, "/search?k=3")
    cookie = answer.headers["Set-Cookie"]
    port = application.url.rpartition(":")[2]
    assert cookie.startswith(f"vector-lake-{port}=") and "HttpOnly" in cookie and "SameSite=lax" in cookie
    assert application.access.token not in cookie
    for path in ("/search", "/pictures/1.png", "/work?as=json", "/?token=wrong", "/flow", "/explore"):
        assert requests.get(timeout=30, url=application.url + path, allow_redirects=False).status_code == 403
    assert requests.get(timeout=30, url=f"{application.url}/static/page.css").status_code == 200
    forged = {application.access.cookie: "0" * 32 + "." + "0" * 64}
    assert requests.get(timeout=30, url=f"{application.url}/search", cookies=forged).status_code == 403


@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "https://127.0.0.1", "http://127.0.0.1:1"])
def test_a_form_of_another_page_is_refused(application: Served, origin: str | None) -> None:
    headers = {"Origin": origin} if origin else {}
    answer = application.session.post(application.url + "/language", {"word": application.word()}, headers=headers)
    assert answer.status_code == 403


def test_a_form_needs_the_word_of_its_own_browser(application: Served) -> None:
    other = Served(application.url, application.access, application.desk, application.work).log_in()
    for word in ("", other.word(), "x" * 64):
        data, headers = {"word": word, "language": "es"}, {"Origin": application.url}
        answer = application.session.post(application.url + "/language", data, headers=headers)
        assert answer.status_code == 403 and "another browser" in answer.text
        assert "language" not in application.session.cookies


def test_every_answer_has_the_headers(application: Served) -> None:
    for path in ("/search", "/nowhere", "/static/page.css", "/pictures/1.png", "/search?k=x", "/favicon.ico"):
        headers = application.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff" and headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert (headers["Cache-Control"] == "no-store") == (not path.startswith(guard.CACHED_PATHS))
        assert "server" not in headers


def test_a_body_above_the_limit_is_refused_whether_it_says_so_or_not(application: Served) -> None:
    assert application.give(b"x" * (MOST_BYTES + 1)).status_code == 422
    assert application.give(b"x" * guard.MAX_BODY).status_code == 413

    def endless() -> "io.BytesIO":
        while True:
            yield b"x" * 65536  # type: ignore[misc]

    headers = {"Origin": application.url, "Content-Type": "multipart/form-data; boundary=b"}
    try:
        answer = application.session.post(application.url + "/search", data=endless(), headers=headers)
        assert answer.status_code == 413
    except requests.ConnectionError:
        pass  # the server closes the connection while the client still sends


@pytest.mark.parametrize(("path", "origin", "status"), [("/search", "http://evil.example", 403), ("/nowhere", "", 404)])
def test_a_refusal_is_heard_by_who_still_sends(application: Served, path: str, origin: str, status: int) -> None:
    connection = connect(application)
    connection.putrequest("POST", path)
    for name, value in {"Origin": origin or application.url, "Cookie": cookie_of(application)}.items():
        connection.putheader(name, value)
    connection.putheader("Content-Length", str(20 * 65536))
    connection.endheaders()
    for _ in range(20):
        connection.send(b"x" * 65536)
        time.sleep(0.02)  # the answer would be sent by now
    answer = connection.getresponse()
    assert answer.status == status and answer.read()
    connection.close()


def test_a_slow_body_is_given_up(application: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "BODY_SECONDS", 0.3)
    connection = connect(application)
    connection.putrequest("POST", "/search")
    for name, value in {
        "Origin": application.url,
        "Cookie": cookie_of(application),
        "Content-Type": "multipart/form-data; boundary=b",
        "Content-Length": "1000",
    }.items():
        connection.putheader(name, value)
    connection.endheaders()
    connection.send(b"--b\r\n")
    assert connection.getresponse().status == 408
    connection.close()


def test_nothing_that_is_sent_is_written_to_a_file(application: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    rolled: list[int] = []
    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", lambda self: rolled.append(1))
    assert application.give(b"x" * (MOST_BYTES - 1)).status_code == 422
    assert not rolled


def bomb(side: int) -> bytes:
    """A PNG of side x side pixels in a few kilobytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [5001, 20_000, 65_000])
def test_a_decompression_bomb_is_refused_before_it_is_decoded(application: Served, side: int) -> None:
    answer = application.give(bomb(side))
    assert answer.status_code == 422 and ("pixels" in answer.text or "bomb" in answer.text)


@pytest.mark.parametrize(
    "data", [b"<svg onload=alert(1)>", b"%PDF-1.4", b"GIF89a", b"%!PS-Adobe", PICTURE.read_bytes()[:500]]
)
def test_what_is_not_a_picture_is_refused_in_words(application: Served, data: bytes) -> None:
    answer = application.give(data)
    assert answer.status_code == 422 and "cannot be read" in answer.text and "Traceback" not in answer.text


def test_a_form_without_a_picture_says_so(application: Served) -> None:
    answer = application.give(b"")
    assert answer.status_code == 400 and "Choose a picture" in answer.text


def test_an_idle_connection_does_not_keep_others_waiting(application: Served) -> None:
    host, _, port = application.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port))) as idle:
        idle.send(b"GET /search HTTP/1.1\r\n")
        assert application.get("/search").status_code == 200


def test_the_token_is_in_no_log_line(application: Served, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(0):
        assert status_of(application, "GET", f"/?token={application.access.token}") == 303
        assert status_of(application, "GET", "/?token=wrong") == 403
    assert "token" not in caplog.text
