"""The requests that start and cancel a run of the fake factory."""

from tests.azure_fakes.cloud import Cloud
from tests.azure_fakes.data_factory import AT, PIPELINE, RUN

CREATE = f"{AT}/pipelines/{PIPELINE}/createRun"
CANCEL = f"{AT}/pipelineruns/{RUN}/cancel"


def asked(cloud: Cloud) -> list[str]:
    """The path of every request, in order."""
    return [each.path for each in cloud.asked]
