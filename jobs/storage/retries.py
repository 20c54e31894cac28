"""How often a request to Blob Storage is sent again. Its SDK accepts only a subclass of its own policy."""

import time
from collections.abc import Callable
from typing import Any

from azure.core.exceptions import AzureError, ClientAuthenticationError
from azure.core.pipeline.policies import RetryPolicy
from azure.storage.blob import ExponentialRetry

from jobs.azure.retries import (
    DEADLINE_SECONDS,
    MAX_RETRIES,
    MAX_SECONDS,
    SILENT_SECONDS,
    TOO_MANY_REQUESTS,
    add_jitter,
    is_silent_for_good,
)


class StorageRetries(ExponentialRetry):
    """The SDK's exponential policy, which has neither `Retry-After` nor 429 nor a deadline, with all three.

    Its own waits begin at 15 s: right for a busy service, too long for one that does not exist.
    """

    def __init__(self) -> None:
        super().__init__(
            initial_backoff=1,
            increment_base=2,
            retry_total=MAX_RETRIES,
            random_jitter_range=1,
            retry_status=MAX_RETRIES,
        )

    def configure_retries(self, request: Any) -> dict[str, Any]:
        return {
            **super().configure_retries(request),
            "deadline": time.monotonic() + DEADLINE_SECONDS,
            "silent_until": time.monotonic() + SILENT_SECONDS,
        }

    def send(self, request: Any) -> Any:
        """As the SDK does, and again after 429, which the SDK returns as an answer."""
        send: Callable[[Any], Any] = super().send
        until = time.monotonic() + DEADLINE_SECONDS
        for attempt in range(MAX_RETRIES):
            response = send(request)
            if response.http_response.status_code != TOO_MANY_REQUESTS or time.monotonic() > until:
                return response
            seconds = retry_after_seconds(response.http_response.headers) or float(2**attempt)
            request.context.transport.sleep(add_jitter(min(seconds, MAX_SECONDS)))
        return send(request)

    def increment(
        self, settings: dict[str, Any], request: Any, response: Any = None, error: AzureError | None = None
    ) -> bool:
        """Whether to try again: not after the deadline, and not without a login."""
        final = (
            is_silent_for_good(settings, error)
            or isinstance(error, ClientAuthenticationError)
            or time.monotonic() > settings["deadline"]
        )
        return super().increment(settings, request, response, error) and not final

    def get_backoff_time(self, settings: dict[str, Any]) -> float:
        """Seconds until the next try: what `Retry-After` says, at most MAX_SECONDS, else more with each try."""
        response = settings["history"][-1].http_response if settings["history"] else None
        seconds = retry_after_seconds(response.headers) if response is not None else None
        return add_jitter(min(seconds, MAX_SECONDS)) if seconds is not None else super().get_backoff_time(settings)


def retry_after_seconds(headers: Any) -> float | None:
    """`Retry-After` (a number of seconds or a date) in seconds; None if it is missing or neither."""
    try:
        return float(RetryPolicy().parse_retry_after(headers["Retry-After"]))
    except (KeyError, ValueError):
        return None
