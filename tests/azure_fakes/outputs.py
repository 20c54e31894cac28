"""A stack's outputs as a command's options, and what its factory is asked for when a run begins or ends."""

from pathlib import Path

import pytest

from tests.azure_fakes.cloud import Cloud
from tests.azure_fakes.data_factory import AT, OUTPUTS, PIPELINE, RUN
from tests.jobs.cli_process import write_outputs

CREATE = f"{AT}/pipelines/{PIPELINE}/createRun"
CANCEL = f"{AT}/pipelineruns/{RUN}/cancel"


@pytest.fixture
def stack(tmp_path: Path) -> list[str]:
    """The stack's outputs as options."""
    return ["--outputs", str(write_outputs(tmp_path / "outputs.json", OUTPUTS))]


def asked(cloud: Cloud) -> list[str]:
    return [each.path for each in cloud.asked]
