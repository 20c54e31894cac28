"""Each test leaves the environment as it was: another test of its process, and the programs that it starts, see it."""

import os
from collections.abc import Iterator, Mapping

import pytest

BY_LIBRARIES = ("KMP_", "TORCHINDUCTOR_CACHE_DIR", "AZUREML_CURRENT_CLOUD")  # set as they are imported
AGAINST_REPORTS = (  # set by the commands that use the hub and MLflow: nothing is reported, nothing drawn
    "HF_HUB_DISABLE_",
    "DO_NOT_TRACK",
    "MLFLOW_DISABLE_TELEMETRY",
    "TOKENIZERS_PARALLELISM",
    "TRANSFORMERS_VERBOSITY",
)
MAY_STAY = ("PYTEST_CURRENT_TEST", *BY_LIBRARIES, *AGAINST_REPORTS)


@pytest.fixture(autouse=True)
def unchanged_environment() -> Iterator[None]:
    """Fail a test that has set or changed a variable for good."""
    before = dict(os.environ)
    yield
    if left := changed_variables(before):
        pytest.fail(f"variables of the environment stay as the test has set them: {left}")


def changed_variables(before: Mapping[str, str]) -> dict[str, str | None]:
    """The variables that are not as before, but for those that may stay, with their values now."""
    after = dict(os.environ)
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    return {name: after.get(name) for name in changed if not name.startswith(MAY_STAY)}
