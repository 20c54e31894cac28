"""Azure Resource Manager, in front of the fakes of its providers: login, api-version, limits, pages, errors.

https://learn.microsoft.com/rest/api/azure/
https://learn.microsoft.com/rest/api/resources/
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import urlencode

from tests.azure_fakes.azure import HOST, ROOT, SUBSCRIPTION, ArmError, Azure
from tests.azure_fakes.cloud import Request, Response
from tests.azure_fakes.login import metadata

__all__ = ["HOST", "ROOT", "SUBSCRIPTION", "ResourceManager", "arm_error", "error_response", "list_page", "path_below"]
PAGE = 2  # small, so that lists have several pages

Provider: TypeAlias = Callable[[Request], Response | None]


@dataclass
class ResourceManager:
    """`providers`: the fakes, the first that answers counts. `overrides`: answers by the end of a path, used first."""

    providers: list[Provider]
    overrides: dict[str, Response] = field(default_factory=dict)
    azure: Azure = field(default_factory=Azure)

    def __call__(self, request: Request) -> Response:
        try:
            return self.respond(request)
        except ArmError as error:
            return arm_error(error)

    def respond(self, request: Request) -> Response:
        if request.path == "/metadata/endpoints":
            return Response(200, metadata())
        self.check_token(request.headers.get("authorization", ""))
        if "api-version" not in request.query:
            return error_response(400, "MissingApiVersionParameter")
        self.check_limit(request.method)
        for end, answer in self.overrides.items():
            if request.path.lower().endswith(end.lower()):
                return answer
        answers = (part(request) for part in self.providers)
        return next((each for each in answers if each), error_response(404, "ResourceNotFound"))

    def check_token(self, header: str) -> None:
        """A token lives for about an hour: https://learn.microsoft.com/entra/identity-platform/access-tokens"""
        kind, _, token = header.partition(" ")
        if kind != "Bearer":
            raise ArmError(401, "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.")
        if time.time() > self.azure.tokens.get(token, float("inf")):
            raise ArmError(401, "ExpiredAuthenticationToken", "The access token expiry UTC time is earlier than now.")

    def check_limit(self, method: str) -> None:
        """https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling"""
        with self.azure.locked():
            if method in ("PUT", "PATCH", "DELETE") and self.azure.throttled > 0:
                self.azure.throttled -= 1
                message = "The request is being throttled. Please try after '1' seconds."
                raise ArmError(429, "TooManyRequests", message, {"Retry-After": "1"})


def arm_error(error: ArmError) -> Response:
    return Response(error.status, {"error": {"code": error.code, "message": str(error)}}, error.headers)


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
