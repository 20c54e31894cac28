"""Data Factory's errors, in one sentence each."""

from collections.abc import Callable

import pytest

from jobs.errors import JobError
from jobs.pipeline.data_factory.client import FactoryClient, open_factory
from jobs.pipeline.data_factory.run import request_cancel, start_and_watch, watch_run
from jobs.pipeline.data_factory.start import Start
from jobs.target import Target
from tests.azure_fakes.cloud import Cloud, Response
from tests.azure_fakes.data_factory import DataFactory, not_found
from tests.azure_fakes.factory_answers import CREATE, EXPIRED, FACTORY_PATH, HOST, OUTPUTS, PIPELINE, RUN

NO_FACTORY = not_found(
    "ResourceNotFound",
    f"The Resource 'Microsoft.DataFactory{FACTORY_PATH.split('DataFactory')[1]}' under resource group 'the-group' "
    "was not found.",
)
NO_GROUP = not_found("ResourceGroupNotFound", "Resource group 'the-group' could not be found.")
DENIED = Response(403, {"error": {"code": "AuthorizationFailed", "message": "The client may not.\nMore."}})
Request = Callable[[FactoryClient], object]
REQUESTS: dict[str, Request] = {
    CREATE: lambda factory_client: start_and_watch(factory_client, Start(PIPELINE)),
    f"/pipelineruns/{RUN}": lambda factory_client: watch_run(factory_client, RUN),
    "/cancel": lambda factory_client: request_cancel(factory_client, RUN),
}


@pytest.mark.parametrize(
    ("end", "answer", "sentence"),
    [
        (CREATE, not_found("NotFound", "No."), f"no pipeline {PIPELINE} in the factory the-factory.*`pulumi up`"),
        (CREATE, NO_FACTORY, "does not have the factory.*`pulumi up`"),
        (CREATE, NO_GROUP, "does not have the factory.*`pulumi up`"),
        (CREATE, DENIED, r"AuthorizationFailed: The client may not\).*role Data Factory Contributor"),
        (CREATE, EXPIRED, "`az login`"),
        (CREATE, Response(400, {"error": {"code": "BadRequest", "message": "No."}}), "refuses.*BadRequest: No"),
        (f"/pipelineruns/{RUN}", not_found("NotFound", "No."), f"no run {RUN}.*`python -m jobs runs --target dev`"),
        (f"/pipelineruns/{RUN}", NO_FACTORY, "Microsoft.DataFactory"),
        (f"/pipelineruns/{RUN}", DENIED, "AuthorizationFailed"),
        (f"/pipelineruns/{RUN}", EXPIRED, "`az login`"),
        ("/cancel", DENIED, "role Data Factory Contributor"),
        ("/cancel", Response(400, {"error": {"code": "BadRequest", "message": "No."}}), "refuses.*BadRequest: No"),
    ],
)
def test_what_azure_refuses_is_one_sentence(
    cloud: Cloud, data_factory: DataFactory, factory_client: FactoryClient, end: str, answer: Response, sentence: str
) -> None:
    data_factory.first_responses[end] = [answer] * 9
    with pytest.raises(JobError, match=sentence) as error:
        REQUESTS[end](factory_client)
    assert "\n" not in str(error.value)
    assert len(cloud.requests) == (2 if answer is EXPIRED else 1)  # it is retried with a new token


def test_a_factory_that_does_not_answer(factory_client: FactoryClient, cloud: Cloud, no_retries: None) -> None:
    del cloud.services[HOST]
    with open_factory(Target.from_outputs(OUTPUTS, "")) as unaided, pytest.raises(JobError, match="does not answer"):
        start_and_watch(unaided, Start(PIPELINE))
