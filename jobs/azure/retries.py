"""How often a refused request is sent again, for every client of Azure's but that of storage, which has its own."""

import random
import re
from typing import Any

from azure.core.pipeline import PipelineResponse
from azure.core.pipeline.policies import RetryPolicy

TIMES = 5
MAX_SECONDS = 60.0
DEADLINE_SECONDS = 300
# Cost Management's headers, some in place of Retry-After and some beside it: the longest counts.
# https://learn.microsoft.com/azure/cost-management-billing/costs/manage-automation#error-code-429---call-count-has-exceeded-rate-limits
RATE_LIMIT = re.compile(r"x-ms-ratelimit-microsoft\.\S+-retry-after", re.IGNORECASE)
EXPIRED, TOO_OFTEN = 401, 429


class Retries(RetryPolicy):  # type: ignore[type-arg]  # the types of request and response are the client's own affair
    """Azure's own policy (408, 429, 5xx, and `Retry-After` as the service says), with jitter, a bound and a deadline.

    Without jitter, clients that were refused together come back together.
    """

    def __init__(self) -> None:
        super().__init__(
            retry_total=TIMES,
            retry_status=TIMES,
            retry_backoff_max=int(MAX_SECONDS),
            timeout=DEADLINE_SECONDS,
        )

    def is_retry(self, settings: dict[str, Any], response: PipelineResponse[Any, Any]) -> bool:
        """Azure's own judgement, and whatever was surely not done, a POST too: refused for its rate, or its token.

        The policy below has thrown the refused token away. A fresh one that is refused as well is the login's fault.
        """
        status = response.http_response.status_code
        if status == EXPIRED:
            return not settings["history"]
        return status == TOO_OFTEN or bool(super().is_retry(settings, response))

    def get_backoff_time(self, settings: dict[str, Any]) -> float:
        return add_jitter(super().get_backoff_time(settings))

    def get_retry_after(self, response: PipelineResponse[Any, Any]) -> float | None:
        """Seconds that the service asks to wait, at most a minute: who is asked for more is told so instead."""
        headers = response.http_response.headers
        limits = [self.parse_retry_after(text) for name, text in headers.items() if RATE_LIMIT.fullmatch(name)]
        asked = max([super().get_retry_after(response) or 0.0, *limits])
        return add_jitter(min(asked, MAX_SECONDS)) if asked else None


def add_jitter(seconds: float) -> float:
    """Up to a quarter more, and never at once."""
    return seconds + random.uniform(0.05, 0.1 + seconds / 4)  # noqa: S311 - spreads clients out, keeps no secret
