"""Ask the endpoint, with its key. The key stays in this process."""

import json
from collections.abc import Mapping
from typing import Any

from azure.core import PipelineClient
from azure.core.exceptions import AzureError, HttpResponseError
from azure.core.pipeline import PipelineResponse
from azure.core.pipeline.policies import HeadersPolicy, UserAgentPolicy
from azure.core.rest import HttpRequest, HttpResponse

from jobs.azure.errors import error_reason
from jobs.azure.retries import CONNECT_SECONDS, Retries
from jobs.errors import ErrorKind, JobError
from jobs.finetune.azure.endpoint import REQUEST_MS

DEPLOYMENT = "azureml-model-deployment"
TIMED_OUT = (
    "The endpoint did not answer within {seconds:.0f} s, the longest that Azure allows: ask for less with "
    "--max-new-tokens, or deploy on a larger --size."
)
REFUSED = "The endpoint does not take the key of the connection: `python -m jobs finetune connect` writes the new one."
KINDS = {400: ErrorKind.invalid, 404: ErrorKind.not_found, 413: ErrorKind.invalid, 429: ErrorKind.unavailable}


class Patience(Retries):
    """Asks again where the endpoint is busy, and not after a timeout: an answer costs minutes of its machine."""

    def is_retry(self, settings: dict[str, Any], response: PipelineResponse[Any, Any]) -> bool:
        return response.http_response.status_code in (429, 503)


def score(url: str, key: str, body: Mapping[str, Any], colour: str | None) -> tuple[str, str]:
    """The answer of the endpoint or of one deployment, and the deployment's name. Raises JobError."""
    headers = {"Authorization": f"Bearer {key}", **({DEPLOYMENT: colour} if colour else {})}
    policies = [HeadersPolicy(), UserAgentPolicy(sdk_moniker="vector-lake"), Patience()]
    seconds = REQUEST_MS / 1000 + 10
    limits: dict[str, Any] = {"connection_timeout": CONNECT_SECONDS, "read_timeout": seconds}
    try:
        with PipelineClient[HttpRequest, HttpResponse](url, policies=policies, **limits) as client:
            response = client.send_request(HttpRequest("POST", url, headers=headers, json=dict(body)))
            return read_answer(response), response.headers.get(DEPLOYMENT) or colour or ""
    except HttpResponseError:
        raise
    except AzureError as error:
        raise JobError(
            f"The endpoint does not answer ({error_reason(error)}): `python -m jobs finetune status` shows it.",
            ErrorKind.unavailable,
        ) from error


def read_answer(response: HttpResponse) -> str:
    """The text of an answer. Raises JobError for a refusal, and for what has no output."""
    status, text = response.status_code, response.text()
    if status in (408, 504):
        raise JobError(TIMED_OUT.format(seconds=REQUEST_MS / 1000), ErrorKind.unavailable)
    if status in (401, 403):
        raise JobError(REFUSED, ErrorKind.refused)
    if status != 200:
        kind = KINDS.get(status, ErrorKind.unavailable)
        raise JobError(f"The endpoint answered {status}: {plain(text)}", kind)
    try:
        return str(json.loads(text)["output"])
    except (ValueError, KeyError, TypeError) as error:
        raise JobError(f"The endpoint's answer has no output: {plain(text)}", ErrorKind.failed) from error


def plain(text: str) -> str:
    """At most a line of a foreign text. Azure writes a sentence of score.py as a JSON text."""
    try:
        found = json.loads(text)
    except ValueError:
        found = text
    line = found if isinstance(found, str) else text
    return " ".join(line.split())[:300]
