"""The command, and its first start: from no data to the first search; and how it ends."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
import requests
from playwright.sync_api import Browser, expect

from jobs.app.desk import State
from jobs.app.run import bind
from jobs.errors import JobError
from jobs.local.services import stop_services
from jobs.postgres.connection import fetch_value, open_connection
from jobs.storage.client import lake_container
from jobs.target import Target
from tests.jobs.app.axe import check_accessible
from tests.jobs.app.watched import watch
from tests.jobs.cli_process import COMMAND, run_jobs, wait_for
from tests.jobs.served import Served, Server

pytestmark = pytest.mark.slow

UNLIMITED = "from jobs.search import pgvector_search; pgvector_search.STATEMENT_SECONDS = 0; "


@pytest.fixture
def first_start(services_folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Served]:
    """The application on a laptop that has no data yet, and no network."""
    monkeypatch.setenv("JOBS_LOCAL", str(services_folder))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    server = Server()
    yield server.start().log_in()
    server.stop()
    stop_services()


def test_from_no_data_to_the_first_search(browser: Browser, first_start: Served) -> None:
    for page in watch(browser, first_start):
        expect(page.get_by_role("heading", level=1)).to_have_text("Vector lake")
        expect(page.get_by_text("python -m jobs embed DIR")).to_be_visible()
        check_accessible(page)
        page.get_by_role("button", name="Run the demo").click()
        expect(page.get_by_role("heading", name="Command")).to_be_visible()
        expect(page.get_by_role("heading", name="Search by picture")).to_be_visible(timeout=240_000)
        expect(page.get_by_text("These are the demo's pictures")).to_be_visible()
        page.get_by_role("link", name="One at random").click()
        expect(page.get_by_role("region", name=re.compile("^Results, 10 nearest"))).to_be_visible()


def test_a_missing_index_is_said_with_its_button(application: Served) -> None:
    container = lake_container(application.desk.target)  # type: ignore[arg-type]
    container.delete_blob("index/fer2013/current.json")
    application.desk.warm_up()
    assert application.desk.state is State.failed
    text = application.get("/search").text
    assert "The lake has no index" in text and 'value="index"' in text
    application.post("/work", {"command": "index"})
    wait_for(lambda: application.desk.state is State.ready, lambda: application.desk.error)
    assert application.get("/search?id=5").text.count('<li class="match') == 10


@contextmanager
def locked_table(target: Target) -> Iterator[Callable[[], bool]]:
    """Nobody can read the table. Yields whether a page waits for it."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = 'lake_reader'"
    with open_connection(target) as db, open_connection(target) as other:
        db.cursor().execute("LOCK TABLE imagenes_fer")
        other.autocommit = True
        yield lambda: bool(fetch_value(other, waiting))


def use_pages(url: str, threads: ThreadPoolExecutor) -> None:
    """Start `verify` by the page of the application at this printed address, and ask the database for a search."""
    session, base = requests.Session(), url.partition("/?")[0]
    page = session.get(url, timeout=30)
    word = re.findall(r'name="word" value="(\w+)"', page.text)[0]
    form = {"word": word, "command": "verify"}
    answer = session.post(f"{base}/work", form, headers={"Origin": base}, allow_redirects=False, timeout=30)
    assert answer.status_code == 303
    threads.submit(session.get, f"{base}/search?id=5&place=database", timeout=90)


def test_the_command_prints_its_address_serves_and_ends_at_ctrl_c(application: Served, tmp_path: Path) -> None:
    """It ends although a page waits for a statement that does not end."""
    said = (tmp_path / "said").open("w+")
    words = [sys.executable, "-c", UNLIMITED + COMMAND, "app", "--no-open", "--port", "0"]
    process = subprocess.Popen(words, stderr=said, stdin=subprocess.DEVNULL, env=os.environ)

    def lines() -> str:
        said.seek(0)
        return said.read()

    try:
        wait_for(lambda: "Ctrl-C ends it" in lines(), lines)
        url = re.findall(r"http://\S+", lines())[0]
        style = requests.get(url.replace("/?", "/static/page.css?"), timeout=30)
        assert style.status_code == 200  # before anything is loaded
        wait_for(lambda: "ready after" in lines(), lines)
        with ThreadPoolExecutor() as threads, locked_table(application.desk.target) as is_awaited:  # type: ignore[arg-type]
            use_pages(url, threads)
            wait_for(is_awaited, lines)
            children = psutil.Process(process.pid).children()
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 0
        assert children and not [child for child in children if child.is_running()]
        assert "Stopping `python -m jobs verify`" in lines()
        assert "local down" in lines() and "Traceback" not in lines()
        assert re.search(r"weights random\S*; 70 vectors of the lake: ready after [\d.]+ s", lines())
    finally:
        process.kill()
        process.wait()
        said.close()


def test_a_port_that_is_taken_is_refused_and_the_next_free_one_is_found() -> None:
    with bind("127.0.0.1", None) as first, bind("127.0.0.1", None) as second:
        port = first.getsockname()[1]
        assert second.getsockname()[1] != port
        with pytest.raises(JobError, match="--port PORT"):
            bind("127.0.0.1", port)


def test_another_host_needs_a_name() -> None:
    done = run_jobs("app", "--host", "0.0.0.0")  # noqa: S104 - refused
    assert done.returncode == 2 and "--name" in done.stderr
