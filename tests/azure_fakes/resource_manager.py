"""Azure Resource Manager's front, for the services that stand behind it: login, api-version, pages, refusals.

https://learn.microsoft.com/rest/api/azure/
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import urlencode

from tests.azure_fakes.cloud import Answer, Request

HOST = "management.azure.com"
SUBSCRIPTION = "33333333-3333-3333-3333-333333333333"
ROOT = f"/subscriptions/{SUBSCRIPTION}"
PAGE = 2  # so that every list that matters has more than one

Part: TypeAlias = Callable[[Request], Answer | None]


@dataclass
class ResourceManager:
    """`parts` are asked in turn; `instead` are answers to requests whose path ends so, whatever stands behind."""

    parts: Sequence[Part]
    instead: dict[str, Answer] = field(default_factory=dict)

    def __call__(self, request: Request) -> Answer:
        if not request.headers.get("authorization", "").startswith("Bearer "):
            return refusal(401, "AuthenticationFailed")
        if "api-version" not in request.query:
            return refusal(400, "MissingApiVersionParameter")
        for end, answer in self.instead.items():
            if request.path.lower().endswith(end.lower()):
                return answer
        answers = (part(request) for part in self.parts)
        return next((each for each in answers if each), refusal(404, "ResourceNotFound"))


def refusal(status: int, code: str, message: str = "The reason, in Azure's words.") -> Answer:
    return Answer(status, {"error": {"code": code, "message": message}})


def paged(request: Request, elements: Sequence[Any]) -> Answer:
    """One page of a list, and where the next one is."""
    start = int(request.query.get("$skiptoken", 0))
    body: dict[str, Any] = {"value": list(elements[start : start + PAGE])}
    if start + PAGE < len(elements):
        query = urlencode({**request.query, "$skiptoken": start + PAGE})
        body["nextLink"] = f"https://{HOST}{request.path}?{query}"
    return Answer(200, body)


def below(request: Request, start: str) -> str | None:
    """The rest of a request's path below `start`, in small letters; None where it is somewhere else."""
    path, start = request.path.lower(), start.lower()
    return path.removeprefix(start) if path.startswith(start) else None
