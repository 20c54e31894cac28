"""The requests that start and cancel a run of the fake factory."""

from tests.azure_fakes.cloud import Cloud
from tests.azure_fakes.factory_answers import FACTORY_PATH, PIPELINE, RUN

CREATE = f"{FACTORY_PATH}/pipelines/{PIPELINE}/createRun"
CANCEL = f"{FACTORY_PATH}/pipelineruns/{RUN}/cancel"


def requested_paths(cloud: Cloud) -> list[str]:
    """The path of every request, in order."""
    return [each.path for each in cloud.requests]
