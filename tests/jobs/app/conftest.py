"""One application for the tests of a file, and a browser for all of them."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from jobs.bench.page_figures import FLAGS, find_chromium
from jobs.search import faiss_search
from jobs.target import Target
from tests.azure_fakes.cloud import Cloud
from tests.azure_fakes.postgres_gateway import HOST, Gateway, server_tls
from tests.certificates import CertificateAuthority
from tests.jobs.app.played_stack import PlayedStack
from tests.jobs.app.watched import watch
from tests.jobs.served import Served, Server

CHROMIUM = "the tests in a browser need chromium: install Debian's package `chromium`, or set CHROMIUM to its path"
SLEEP = "azure.core.pipeline.transport.RequestsTransport.sleep"

CAMERA = "--use-fake-device-for-media-stream --use-fake-ui-for-media-stream"


@pytest.fixture(scope="module")
def application(collection: Target) -> Iterator[Served]:
    """The application, warm, with a session that is logged in."""
    server = Server()
    yield server.start().log_in()
    server.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, with a fake camera. Without it the test is skipped; with BROWSER_REQUIRED it fails.

    It ends with the file: Playwright's event loop would keep the tests of other files from running their own.
    """
    program = find_chromium()
    if not program:
        if os.environ.get("BROWSER_REQUIRED"):
            pytest.fail(CHROMIUM)
        pytest.skip(CHROMIUM)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=f"{FLAGS} {CAMERA}".split())
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, application: Served) -> Iterator[Page]:
    """A page of a new browser that was given the token. The test fails for a console line or a foreign request."""
    yield from watch(browser, application)


@pytest.fixture
def played_stack(
    collection: Target,
    cloud: Cloud,
    authority: CertificateAuthority,
    trusted_authority: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[PlayedStack]:
    """The stack `dev` with the 70 faces. Your rights at its storage are those of Storage Blob Data Reader."""
    monkeypatch.setattr(SLEEP, lambda self, seconds: None)
    monkeypatch.setattr(faiss_search, "CHECK_SECONDS", 0.0)
    gateway = Gateway(collection.postgres_port, server_tls(authority.certificate(HOST)))
    played = PlayedStack(cloud, collection, gateway, tmp_path)
    yield played
    played.gateway.close()
