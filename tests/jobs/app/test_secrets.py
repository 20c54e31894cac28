"""No page, header, address or log line has a secret, whatever is asked and whatever fails."""

from dataclasses import replace
from urllib.parse import quote

import pytest

from jobs.local.services import postgres_server
from jobs.storage import lake
from jobs.storage.client import lake_container
from tests.jobs.cli_process import wait_for
from tests.jobs.served import Served

PATHS = (
    *("/", "/search", "/search?id=5&place=lake&place=database&place=azure-search", "/search?id=5&as=json", "/flow"),
    *("/search?id=5&as=csv", "/search?random=1", "/search?given=nothing", "/explore", "/explore?view=duplicates"),
    *(
        "/explore?view=labels",
        "/explore?view=confusion",
        "/explore?as=csv",
        "/points",
        "/points/5",
        "/work",
        "/nowhere",
    ),
    *("/work?as=json", "/pictures/5.png", "/pictures/999.png", "/search?id=x", "/static/page.css", "/favicon.ico"),
)


def secrets(application: Served) -> list[str]:
    """What must be seen nowhere: the token, the key of the cookies, keys and passwords of the services."""
    access, target = application.access, application.desk.target
    assert target
    urls = [postgres_server(name).url() for name in ("laptop", "cloud")]
    passwords = [url.partition("://")[2].partition("@")[0].partition(":")[2] for url in urls]
    found = [access.token, access.key.hex(), target.storage_key, target.postgres_password, *passwords]
    return [each for each in found if each] + ["AccountKey=", "postgresql://", "sig="]


def everything(application: Served) -> str:
    """All pages, with their headers and the addresses that they lead to."""
    seen = []
    for path in PATHS:
        answer = application.get(path)
        for each in (*answer.history, answer):
            seen += [each.url, *each.headers.values(), each.content.decode("utf-8", "replace")]
    return "\n".join(seen)


def test_no_page_and_no_log_line_has_a_secret(application: Served, caplog: pytest.LogCaptureFixture) -> None:
    wait_for(lambda: application.get("/points").status_code == 200, lambda: application.get("/points").text)
    run = application.work.start("verify")
    with caplog.at_level(0):
        seen = everything(application)
        wait_for(lambda: not run.is_running, lambda: "\n".join(run.lines))
        seen += application.get("/work").text + application.get("/work?as=json").text + caplog.text
    assert "70 rows" in seen and "verify" in seen
    assert len(secrets(application)) >= 6
    assert not [secret for secret in secrets(application) if secret in seen]


def test_no_secret_is_in_what_fails(application: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    hidden, target = secrets(application), application.desk.target
    assert target
    key = target.storage_key[:-4] + "AAA="
    broken = replace(target, postgres_password="marker-password", storage_key=key, postgres_port=1)
    with monkeypatch.context() as patch:
        patch.setattr("jobs.app.desk.load_target", lambda name, outputs: broken)
        application.desk.warm_up()
        seen = everything(application)
    assert "does not accept the key" in seen
    assert not [secret for secret in (*hidden, key, "marker-password") if secret in seen]
    application.desk.warm_up()
    assert application.get("/search?id=5").text.count('<li class="match') == 10


def test_the_words_of_a_form_open_nothing(application: Served) -> None:
    """The word of a form is neither a cookie nor a token."""
    word = application.word()
    assert word not in application.access.token and not application.access.is_cookie(word)
    assert not application.access.is_token(word)


def test_the_lake_is_read_through_ids_only(application: Served) -> None:
    lake_index, container = application.desk.lake(), lake_container(application.desk.target)  # type: ignore[arg-type]
    files = [blob.name for blob in container.list_blobs() if not blob.name.startswith(lake.PICTURES)]
    assert lake.EMBEDDINGS in "".join(files)
    for name in (*files, lake_index.filepaths[0], lake.PICTURES + lake_index.filepaths[0]):
        quoted = quote(name, safe="")
        for path in (f"/{name}", f"/pictures/{name}", f"/pictures/{name}.png", f"/pictures/{quoted}.png"):
            assert application.get(path).status_code in (400, 404)
