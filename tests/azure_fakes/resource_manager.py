"""Azure Resource Manager, in front of the fakes of its providers: login, api-version, pages, errors.

https://learn.microsoft.com/rest/api/azure/
https://learn.microsoft.com/rest/api/resources/
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import urlencode

from tests.azure_fakes.cloud import Request, Response

HOST = "management.azure.com"
SUBSCRIPTION = "33333333-3333-3333-3333-333333333333"
ROOT = f"/subscriptions/{SUBSCRIPTION}"
PAGE = 2  # small, so that lists have several pages

Provider: TypeAlias = Callable[[Request], Response | None]


@dataclass
class ResourceManager:
    """`providers`: the fakes, the first that answers counts. `overrides`: answers by the end of a path, used first."""

    providers: Sequence[Provider]
    overrides: dict[str, Response] = field(default_factory=dict)

    def __call__(self, request: Request) -> Response:
        if not request.headers.get("authorization", "").startswith("Bearer "):
            return error_response(401, "AuthenticationFailed")
        if "api-version" not in request.query:
            return error_response(400, "MissingApiVersionParameter")
        for end, answer in self.overrides.items():
            if request.path.lower().endswith(end.lower()):
                return answer
        answers = (part(request) for part in self.providers)
        return next((each for each in answers if each), error_response(404, "ResourceNotFound"))


def error_response(status: int, code: str, message: str = "The reason, in Azure's words.") -> Response:
    """An error response of Resource Manager."""
    return Response(status, {"error": {"code": code, "message": message}})


def list_page(request: Request, elements: Sequence[Any]) -> Response:
    """One page of a list, with the URL of the next page in nextLink."""
    start = int(request.query.get("$skiptoken", 0))
    body: dict[str, Any] = {"value": list(elements[start : start + PAGE])}
    if start + PAGE < len(elements):
        query = urlencode({**request.query, "$skiptoken": start + PAGE})
        body["nextLink"] = f"https://{HOST}{request.path}?{query}"
    return Response(200, body)


def path_below(request: Request, start: str) -> str | None:
    """The rest of a request's path after `start`, in lower case. None if the path does not begin with it."""
    path, start = request.path.lower(), start.lower()
    return path.removeprefix(start) if path.startswith(start) else None
