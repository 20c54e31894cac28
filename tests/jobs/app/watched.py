"""A page that is watched: what it logs, what it refuses, and where it sends requests."""

from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Browser, Page

from tests.jobs.served import Served


def watch(browser: Browser, served: Served, **options: Any) -> Iterator[Page]:
    """A page of a new browser context that was given the token. Fails at its end for what must not happen."""
    context = browser.new_context(**{"locale": "en-US"} | options)
    said: list[str] = []
    context.on("console", lambda message: said.append(message.text))
    context.on("weberror", lambda error: said.append(str(error.error)))
    context.on("request", lambda request: request.url.startswith((served.url, "blob:")) or said.append(request.url))
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.goto(served.token_url)
    assert "token" not in page.url
    yield page
    context.close()
    assert not said
