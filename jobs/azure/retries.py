"""Retries of requests, for every Azure client except that of storage, which has its own."""

import random
import re
import time
from collections.abc import Mapping
from typing import Any

from azure.core.exceptions import AzureError, ServiceRequestError, ServiceResponseError
from azure.core.pipeline import PipelineResponse
from azure.core.pipeline.policies import RetryPolicy

from jobs.terminal import log

MAX_RETRIES = 5
# Seconds without a byte. A silent service is asked again, and given up after SILENT_SECONDS and a last try.
CONNECT_SECONDS, READ_SECONDS, SILENT_SECONDS = 15, 25, 50
LIMITS: dict[str, Any] = {"connection_timeout": CONNECT_SECONDS, "read_timeout": READ_SECONDS}
"""Of every client of Azure's: its SDK waits 5 minutes for a byte."""
MAX_SECONDS = 60.0
DEADLINE_SECONDS = 300
# Cost Management's headers, some instead of Retry-After and some beside it: the longest counts.
# https://learn.microsoft.com/azure/cost-management-billing/costs/manage-automation#error-code-429---call-count-has-exceeded-rate-limits
RATE_LIMIT_HEADER = re.compile(r"x-ms-ratelimit-microsoft\.\S+-retry-after", re.IGNORECASE)
UNAUTHORIZED, TOO_MANY_REQUESTS = 401, 429


class Retries(RetryPolicy):  # type: ignore[type-arg]  # the types of request and response depend on the client
    """Azure's own policy (408, 429, 5xx, and `Retry-After` as the service says), with jitter, a bound and a deadline.

    Without jitter, clients that were refused together would retry together.
    """

    def __init__(self) -> None:
        super().__init__(
            retry_total=MAX_RETRIES,
            retry_status=MAX_RETRIES,
            retry_backoff_max=int(MAX_SECONDS),
            timeout=DEADLINE_SECONDS,
        )

    def is_retry(self, settings: dict[str, Any], response: PipelineResponse[Any, Any]) -> bool:
        """Azure's own rule, and every request that was certainly not done, even a POST: 429, and 401 once.

        After a 401 the authentication policy discards the token. If a new one is refused too, the login is wrong.
        """
        status = response.http_response.status_code
        if status == UNAUTHORIZED:
            return not settings["history"]
        return status == TOO_MANY_REQUESTS or bool(super().is_retry(settings, response))

    def configure_retries(self, options: dict[str, Any]) -> dict[str, Any]:
        return {**super().configure_retries(options), "silent_until": time.monotonic() + SILENT_SECONDS}

    def increment(self, settings: dict[str, Any], response: Any = None, error: Any = None) -> bool:
        return super().increment(settings, response, error) and not is_silent_for_good(settings, error)

    def get_backoff_time(self, settings: dict[str, Any]) -> float:
        return add_jitter(super().get_backoff_time(settings))

    def get_retry_after(self, response: PipelineResponse[Any, Any]) -> float | None:
        """Seconds that the service asks to wait, at most MAX_SECONDS: a longer wait ends in an error that says so."""
        headers = response.http_response.headers
        limits = [self.parse_retry_after(text) for name, text in headers.items() if RATE_LIMIT_HEADER.fullmatch(name)]
        seconds = max([super().get_retry_after(response) or 0.0, *limits])
        return add_jitter(min(seconds, MAX_SECONDS)) if seconds else None


def is_silent_for_good(settings: Mapping[str, Any], error: AzureError | None) -> bool:
    """Whether the time for a service that does not answer is over. Says that it does not, where it is not."""
    if not isinstance(error, ServiceRequestError | ServiceResponseError) or not is_timeout(error):
        return False
    if time.monotonic() > settings["silent_until"]:
        return True
    log(f"No answer for {READ_SECONDS} s: asking again")
    return False


def is_timeout(error: AzureError) -> bool:
    return "timed out" in str(error).lower() or "timeout" in type(error).__name__.lower()


def add_jitter(seconds: float) -> float:
    """Up to a quarter more, and never zero."""
    return seconds + random.uniform(0.05, 0.1 + seconds / 4)  # noqa: S311 - spreads clients out, keeps no secret
