"""Azure Resource Manager over its REST API, through Azure's own pipeline: login, retries, long-running operations.

One client for the many small requests of the jobs; Data Factory has its own SDK, in jobs/pipeline/data_factory/.
https://learn.microsoft.com/rest/api/resources/
"""

import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeAlias
from urllib.parse import urljoin

from azure.core.exceptions import DecodeError, HttpResponseError, ResourceNotFoundError, ServiceResponseTimeoutError
from azure.core.pipeline import PipelineResponse
from azure.core.pipeline.policies import (
    ContentDecodePolicy,
    HeadersPolicy,
    HTTPPolicy,
    RequestIdPolicy,
    SansIOHTTPPolicy,
    UserAgentPolicy,
)
from azure.core.polling import LROPoller
from azure.core.rest import HttpRequest, HttpResponse
from azure.mgmt.core import ARMPipelineClient
from azure.mgmt.core.exceptions import ARMErrorFormat
from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy
from azure.mgmt.core.polling.arm_polling import ARMPolling

from jobs.azure.login import credential
from jobs.azure.retries import Retries
from jobs.azure.transport import SpeakingTransport

ENDPOINT = "https://management.azure.com"
SCOPE = f"{ENDPOINT}/.default"
POLL_SECONDS = 5
MAX_SECONDS = 1800.0  # for one operation: most end within minutes
WAIT_SECONDS = 0.5
ACCEPTED, NO_CONTENT, NOT_FOUND = 202, 204, 404

Json: TypeAlias = dict[str, Any]
Policy: TypeAlias = HTTPPolicy[Any, Any] | SansIOHTTPPolicy[Any, Any]


class Arm:
    """A client of Resource Manager. Every `path` begins with a slash; every method raises AzureError.

    `poll_seconds` is the pause between two polls of a long-running operation where Azure sends no Retry-After.
    """

    def __init__(self, poll_seconds: float = POLL_SECONDS) -> None:
        self._poll_seconds = poll_seconds
        self.azures_time: datetime | None = None  # of the last answer; None where it has none
        policies: list[Policy] = [
            RequestIdPolicy(),
            HeadersPolicy(),
            UserAgentPolicy(sdk_moniker="vector-lake"),
            Retries(),
            ARMChallengeAuthenticationPolicy(credential(), SCOPE),
            ContentDecodePolicy(),
        ]
        self._client: ARMPipelineClient[HttpRequest, HttpResponse] = ARMPipelineClient(
            ENDPOINT, policies=policies, transport=SpeakingTransport()
        )

    def __enter__(self) -> "Arm":
        return self

    def __exit__(self, *error: object) -> None:
        self._client.close()

    def get(self, path: str, version: str, **query: str) -> Json:
        return self._request_json("GET", path, version, query)

    def pages(self, path: str, version: str, **query: str) -> Iterator[Json]:
        """Every element of a list, from all its pages."""
        answer = self.get(path, version, **query)
        while True:
            elements = answer.get("value") or []
            if not isinstance(elements, list):
                raise DecodeError("The answer has no list")
            yield from elements
            more = answer.get("nextLink")
            if not more:
                return
            answer = read_json(self._send(HttpRequest("GET", urljoin(ENDPOINT, str(more)))))

    def post(self, path: str, version: str, body: Mapping[str, Any] | None = None, **query: str) -> Json:
        """Send an action that Azure answers at once. Returns the answer."""
        return self._request_json("POST", path, version, query, body)

    def put(self, path: str, version: str, body: Mapping[str, Any]) -> Json:
        """Replace a resource. Returns the answer, {} for one without a body, and waits for nothing; so do the next."""
        return self._request_json("PUT", path, version, {}, body)

    def patch(self, path: str, version: str, body: Mapping[str, Any]) -> Json:
        return self._request_json("PATCH", path, version, {}, body)

    def delete(self, path: str, version: str) -> Json:
        return self._request_json("DELETE", path, version, {})

    def run_operation(
        self,
        method: str,
        path: str,
        version: str,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> None:
        """Send a request that starts a long-running operation, and wait until that is done."""
        first = self._send(self._request(method, path, version, query or {}, body))
        wait_for_operation(LROPoller(self._client, first, lambda done: done, ARMPolling(self._poll_seconds)))

    def _request_json(
        self, method: str, path: str, version: str, query: Mapping[str, str], body: Mapping[str, Any] | None = None
    ) -> Json:
        return read_json(self._send(self._request(method, path, version, query, body)))

    def _request(
        self, method: str, path: str, version: str, query: Mapping[str, str], body: Mapping[str, Any] | None
    ) -> HttpRequest:
        return HttpRequest(method, ENDPOINT + path, params={"api-version": version, **query}, json=body)

    def _send(self, request: HttpRequest) -> PipelineResponse[HttpRequest, HttpResponse]:
        answer = self._client.send_request(request, _return_pipeline_response=True)
        piped: PipelineResponse[HttpRequest, HttpResponse] = answer  # type: ignore[assignment]  # because of the flag
        response = piped.http_response
        self.azures_time = read_date(response.headers.get("Date"))
        if response.status_code >= 400:
            kind = ResourceNotFoundError if response.status_code == NOT_FOUND else HttpResponseError
            raise kind(response=response, error_format=ARMErrorFormat)
        return piped


def read_date(header: str | None) -> datetime | None:
    """The moment of an answer's Date, None where it is not one with a time zone."""
    try:
        moment = parsedate_to_datetime(header) if header else None
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None


def wait_for_operation(poller: LROPoller[Any]) -> None:
    """Wait until an operation is done, half an hour at most. Raises AzureError.

    The poller has a thread of its own: on Windows, Ctrl-C has no effect while that is joined without a timeout.
    """
    until = time.monotonic() + MAX_SECONDS
    while not poller.done():
        if time.monotonic() > until:
            raise ServiceResponseTimeoutError(f"not done after {MAX_SECONDS / 60:.0f} minutes")
        poller.wait(WAIT_SECONDS)
    poller.result()


def read_json(answer: PipelineResponse[HttpRequest, HttpResponse]) -> Json:
    """The body of an answer, as ContentDecodePolicy decoded it; {} for a 204, and a change's 202 without a body.

    Raises DecodeError for a body that is not an object, such as a proxy's page: it must not count as an empty answer.
    """
    body = answer.context.get(ContentDecodePolicy.CONTEXT_NAME)
    if isinstance(body, dict):
        return body
    response = answer.http_response
    accepted = response.status_code == ACCEPTED and not response.content and answer.http_request.method != "GET"
    if accepted or response.status_code == NO_CONTENT:
        return {}
    raise DecodeError("The answer is not from Azure")
