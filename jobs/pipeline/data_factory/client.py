"""A stack's factory, through Azure's own client of Data Factory.

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
from jobs.azure.retries import EXPIRED, TOO_OFTEN, Retries
from jobs.errors import JobError
from jobs.target import Target

ROLE = "Data Factory Contributor"
ANY_STACK = "--target STACK"
OPERATION_SECONDS = 5

T = TypeVar("T")


@dataclass(frozen=True)
class FactoryClient:
    """A factory by its client. `options` name its stack on the command line; `wait` is called with seconds."""

    client: DataFactoryManagementClient
    resource_group: str
    name: str
    stack_flags: str = ANY_STACK
    wait: Callable[[float], None] = time.sleep

    @property
    def place(self) -> str:
        return f"the factory {self.name} of {self.resource_group}"


class StartOnce(Retries):
    """Retries for all but the request that starts a run: it is sent again only where Azure certainly did not take it.

    Azure's policy sends a POST again after a 503 or a 504, and the first one may have started a run all the same.
    """

    def is_retry(self, settings: dict[str, Any], response: PipelineResponse[Any, Any]) -> bool:
        starts = urlsplit(response.http_request.url).path.endswith("/createRun")
        if starts and response.http_response.status_code not in (EXPIRED, TOO_OFTEN):
            return False
        return super().is_retry(settings, response)


@contextmanager
def open_factory(target: Target, stack_flags: str = ANY_STACK) -> Iterator[FactoryClient]:
    """The target's factory. Raises Failure where the target's pipelines run on the laptop."""
    if target.pipeline_runner != "data_factory":
        raise no_factory_error()
    with DataFactoryManagementClient(
        credential(), target.subscription_id, retry_policy=StartOnce(), polling_interval=OPERATION_SECONDS
    ) as client:
        yield FactoryClient(client, target.resource_group, target.factory_name, stack_flags)


def no_factory_error() -> JobError:
    return JobError(
        "The laptop's runner keeps no history of runs and has no triggers: name a stack on Azure (`--target STACK`), "
        "or run the pipeline here with `python -m jobs run-pipeline`."
    )


def parse_answer(question: Callable[[], T | None]) -> T:
    """What Azure answers. Raises DecodeError for nothing, or what is none of Data Factory's: a proxy's page, say."""
    try:
        answer = question()
    except DeserializationError as error:
        raise DecodeError("The answer is none of Data Factory's") from error
    if answer is None:
        raise DecodeError("The answer is empty")
    return answer


@contextmanager
def translate_factory_errors(factory: FactoryClient, absent: JobError | None = None) -> Iterator[None]:
    """Tell what Azure refuses in the block as a Failure; `absent` where the factory is there, and what is asked not."""
    with translate_errors(factory.place, ROLE):
        try:
            yield
        except ResourceNotFoundError as error:
            if absent is None or is_factory_missing(error, factory):
                raise
            raise absent from error


def is_factory_missing(error: HttpResponseError, factory: FactoryClient) -> bool:
    """Whether a 404 is about the factory, or what it is in: Resource Manager names the resource that it lacks."""
    code = getattr(error.error, "code", None)
    itself = re.search(f"factories/{re.escape(factory.name)}'", str(error.message), re.IGNORECASE)
    return code in ("ResourceGroupNotFound", "SubscriptionNotFound") or itself is not None
