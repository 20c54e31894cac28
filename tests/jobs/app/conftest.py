"""One application for the tests of a file, with a collection of 70 faces; and a browser for all of them."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from jobs.local.services import postgres_server
from jobs.pictures.sample import draw_sample
from jobs.postgres.connection import open_connection
from jobs.target import Target
from tests.databases import empty_containers
from tests.jobs.app.served import Served, Server, fill_laptop
from tests.jobs.app.watched import watch

CHROMIUM = "the tests in a browser need chromium: install Debian's package `chromium`, or set CHROMIUM to its path"
FLAGS = (
    "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update "
    "--disable-sync --use-fake-device-for-media-stream --use-fake-ui-for-media-stream"
)


@pytest.fixture(scope="session")
def many_faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with 70 drawn faces. All tests share it: do not change it."""
    folder = tmp_path_factory.mktemp("many")
    draw_sample(folder, 70, 1)
    return folder


@pytest.fixture(scope="module")
def collection(services: Target, many_faces: Path, weights: str) -> Target:
    """The laptop's own databases and containers, with the 70 faces in all places."""
    empty_containers(services)
    for name in ("laptop", "cloud"):
        with open_connection(postgres_server(name).url()) as db, db.cursor() as cursor:
            cursor.execute(
                "DROP TABLE IF EXISTS embedded_picture, embedding, unreadable_picture, imagenes_fer, schema_migration"
            )
            db.commit()
    fill_laptop(services, many_faces, weights)
    return services


@pytest.fixture(scope="module")
def application(collection: Target) -> Iterator[Served]:
    """The application, warm, with a session that is logged in."""
    server = Server()
    yield server.start().log_in()
    server.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, with a fake camera. Without it the test is skipped; with BROWSER_REQUIRED it fails."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not program:
        if os.environ.get("BROWSER_REQUIRED"):
            pytest.fail(CHROMIUM)
        pytest.skip(CHROMIUM)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS.split())
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, application: Served) -> Iterator[Page]:
    """A page of a new browser that was given the token. The test fails for a console line or a foreign request."""
    yield from watch(browser, application)
