"""How often a request to Blob Storage is sent again: only a policy of its own SDK fits in there."""

import time
from typing import Any

from azure.core.exceptions import AzureError, ClientAuthenticationError
from azure.storage.blob import ExponentialRetry

from jobs.azure.retries import DEADLINE_SECONDS, LONGEST_SECONDS, TIMES, jittered


class StorageRetries(ExponentialRetry):
    """The SDK's exponential policy, which knows neither `Retry-After` nor a deadline, with both.

    Its own waits begin at 15 s: right for a busy service, too long for one that is not there.
    """

    def __init__(self) -> None:
        super().__init__(
            initial_backoff=1, increment_base=2, retry_total=TIMES, random_jitter_range=1, retry_status=TIMES
        )

    def configure_retries(self, request: Any) -> dict[str, Any]:
        return {**super().configure_retries(request), "deadline": time.monotonic() + DEADLINE_SECONDS}

    def increment(
        self, settings: dict[str, Any], request: Any, response: Any = None, error: AzureError | None = None
    ) -> bool:
        """Whether to try again: not behind the deadline, and not for whoever is not logged in."""
        hopeless = isinstance(error, ClientAuthenticationError) or time.monotonic() > settings["deadline"]
        return super().increment(settings, request, response, error) and not hopeless

    def get_backoff_time(self, settings: dict[str, Any]) -> float:
        """Seconds until the next try: what the service asks for, at most a minute, or more with each try."""
        answer = settings["history"][-1].http_response if settings["history"] else None
        asked = asked_seconds(answer.headers) if answer is not None else None
        return jittered(min(asked, LONGEST_SECONDS)) if asked is not None else super().get_backoff_time(settings)


def asked_seconds(headers: Any) -> float | None:
    """`Retry-After` in seconds; None where it is missing, or a date, which Blob Storage does not send."""
    try:
        return max(0.0, float(headers["Retry-After"]))
    except (KeyError, ValueError):
        return None
