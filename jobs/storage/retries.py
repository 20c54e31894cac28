"""How often a request to Blob Storage is sent again: only a policy of its own SDK fits in there."""

import time
from collections.abc import Callable
from typing import Any

from azure.core.exceptions import AzureError, ClientAuthenticationError
from azure.core.pipeline.policies import RetryPolicy
from azure.storage.blob import ExponentialRetry

from jobs.azure.retries import DEADLINE_SECONDS, MAX_RETRIES, MAX_SECONDS, TOO_MANY_REQUESTS, add_jitter


class StorageRetries(ExponentialRetry):
    """The SDK's exponential policy, which knows neither `Retry-After` nor 429 nor a deadline, with all of them.

    Its own waits begin at 15 s: right for a busy service, too long for one that is not there.
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
        return {**super().configure_retries(request), "deadline": time.monotonic() + DEADLINE_SECONDS}

    def send(self, request: Any) -> Any:
        """The SDK's, and again what is refused for its rate, which it takes for an answer."""
        ask: Callable[[Any], Any] = super().send
        until = time.monotonic() + DEADLINE_SECONDS
        for attempt in range(MAX_RETRIES):
            answer = ask(request)
            if answer.http_response.status_code != TOO_MANY_REQUESTS or time.monotonic() > until:
                return answer
            asked = retry_after_seconds(answer.http_response.headers) or float(2**attempt)
            request.context.transport.sleep(add_jitter(min(asked, MAX_SECONDS)))
        return ask(request)

    def increment(
        self, settings: dict[str, Any], request: Any, response: Any = None, error: AzureError | None = None
    ) -> bool:
        """Whether to try again: not behind the deadline, and not for whoever is not logged in."""
        hopeless = isinstance(error, ClientAuthenticationError) or time.monotonic() > settings["deadline"]
        return super().increment(settings, request, response, error) and not hopeless

    def get_backoff_time(self, settings: dict[str, Any]) -> float:
        """Seconds until the next try: what the service asks for, at most a minute, or more with each try."""
        answer = settings["history"][-1].http_response if settings["history"] else None
        asked = retry_after_seconds(answer.headers) if answer is not None else None
        return add_jitter(min(asked, MAX_SECONDS)) if asked is not None else super().get_backoff_time(settings)


def retry_after_seconds(headers: Any) -> float | None:
    """`Retry-After`, seconds or a date, in seconds; None where it is missing, or neither."""
    try:
        return float(RetryPolicy().parse_retry_after(headers["Retry-After"]))
    except (KeyError, ValueError):
        return None
