"""Open a stack's factory with Azure's own client for Data Factory.

https://learn.microsoft.com/rest/api/datafactory/ (api-version 2018-06-01)
"""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from azure.core.exceptions import DecodeError, DeserializationError, HttpResponseError, ResourceNotFoundError
from azure.core.pipeline import PipelineResponse
from azure.mgmt.datafactory import DataFactoryManagementClient

from jobs.azure.errors import translate_errors
from jobs.azure.login import credential
from jobs.azure.retries import TOO_MANY_REQUESTS, UNAUTHORIZED, Retries
from jobs.azure.transport import SpeakingTransport
from jobs.errors import ErrorKind, JobError
from jobs.target import Target

ROLE = "Data Factory Contributor"
ANY_STACK = "--target STACK"
OPERATION_SECONDS = 5  # between two polls of a long-running operation

T = TypeVar("T")


@dataclass(frozen=True)
class FactoryClient:
    """A factory and its client. `stack_flags` name its stack in commands of messages; `wait` sleeps for seconds."""

    client: DataFactoryManagementClient
    resource_group: str
    name: str
    stack_flags: str = ANY_STACK
    wait: Callable[[float], None] = time.sleep

    @property
    def label(self) -> str:
        """How messages name the factory."""
        return f"the factory {self.name} of {self.resource_group}"


class StartOnce(Retries):
    """Retries for all requests but the one that starts a run: that one only where Azure certainly did not accept it.

    Azure's policy sends a POST again after a 503 or a 504, and the first one may have started a run nevertheless.
    """

    def is_retry(self, settings: dict[str, Any], response: PipelineResponse[Any, Any]) -> bool:
        starts = urlsplit(response.http_request.url).path.endswith("/createRun")
        if starts and response.http_response.status_code not in (UNAUTHORIZED, TOO_MANY_REQUESTS):
            return False
        return super().is_retry(settings, response)


@contextmanager
def open_factory(target: Target, stack_flags: str = ANY_STACK) -> Iterator[FactoryClient]:
    """The target's factory, for the length of the block. Raises JobError for a target without one."""
    if target.pipeline_runner != "data_factory":
        raise no_factory_error()
    with DataFactoryManagementClient(
        credential(),
        target.subscription_id,
        retry_policy=StartOnce(),
        polling_interval=OPERATION_SECONDS,
        transport=SpeakingTransport(),
    ) as client:
        yield FactoryClient(client, target.resource_group, target.factory_name, stack_flags)


def no_factory_error() -> JobError:
    return JobError(
        "The laptop has no Data Factory: name a stack on Azure (`--target STACK`), "
        "or run the pipeline locally with `python -m jobs run-pipeline`.",
        ErrorKind.not_found,
    )


def parse_answer(request: Callable[[], T | None]) -> T:
    """Azure's answer to a request. Raises DecodeError for an empty answer or another one, such as a proxy's page."""
    try:
        answer = request()
    except DeserializationError as error:
        raise DecodeError("The answer is not Data Factory's") from error
    if answer is None:
        raise DecodeError("The answer is empty")
    return answer


@contextmanager
def translate_factory_errors(factory: FactoryClient, not_found: JobError | None = None) -> Iterator[None]:
    """Raise JobError for Azure's errors in the block; `not_found` where the factory exists, but not the resource."""
    with translate_errors(factory.label, ROLE):
        try:
            yield
        except ResourceNotFoundError as error:
            if not_found is None or is_factory_missing(error, factory):
                raise
            raise not_found from error


def is_factory_missing(error: HttpResponseError, factory: FactoryClient) -> bool:
    """Whether a 404 is about the factory, its group or subscription: Resource Manager names the missing resource."""
    code = getattr(error.error, "code", None)
    itself = re.search(f"factories/{re.escape(factory.name)}'", str(error.message), re.IGNORECASE)
    return code in ("ResourceGroupNotFound", "SubscriptionNotFound") or itself is not None
