"""How often a refused request is sent again, for every client of Azure's but that of storage, which has its own."""

import random
from typing import Any

from azure.core.pipeline import PipelineResponse
from azure.core.pipeline.policies import RetryPolicy

TIMES = 5
LONGEST_SECONDS = 60.0
DEADLINE_SECONDS = 300


class Retries(RetryPolicy):  # type: ignore[type-arg]  # the types of request and response are the client's own affair
    """Azure's own policy (408, 429, 5xx, and `Retry-After` as the service says), with jitter, a bound and a deadline.

    Without jitter, clients that were refused together come back together.
    """

    def __init__(self) -> None:
        super().__init__(
            retry_total=TIMES,
            retry_status=TIMES,
            retry_backoff_max=int(LONGEST_SECONDS),
            timeout=DEADLINE_SECONDS,
        )

    def get_backoff_time(self, settings: dict[str, Any]) -> float:
        return jittered(super().get_backoff_time(settings))

    def get_retry_after(self, response: PipelineResponse[Any, Any]) -> float | None:
        """Seconds that the service asks to wait, at most a minute: who is asked for more is told so instead."""
        asked = super().get_retry_after(response)
        return jittered(min(asked, LONGEST_SECONDS)) if asked else asked


def jittered(seconds: float) -> float:
    """Up to a quarter more, and never at once."""
    return seconds + random.uniform(0.05, 0.1 + seconds / 4)  # noqa: S311 - spreads clients out, keeps no secret
