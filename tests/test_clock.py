"""Jobs that log in with an identity, under a clock that jumps by hours: a token looks expired, or valid for longer."""

import random
import time
from pathlib import Path

import pytest

from jobs.target import Target
from tests.azure_fakes.azurite_relay import HOSTS, AzuriteRelay
from tests.azure_fakes.cloud import Cloud
from tests.azure_fakes.postgres_gateway import Gateway, gateway_target
from tests.test_faulty_network import JOBS, SEED, Places, read_state, run_jobs

STORAGE = "https://stfer.blob.core.windows.net/"
HOUR = 3600
HOURS = (-30, -1, 0, 1, 30)


@pytest.fixture
def places(filled_url: str, target: Target, drawn_faces: Path, weights: str, cloud: Cloud, gateway: Gateway) -> Places:
    """The laptop, and a stack whose storage takes the tokens of an identity."""
    cloud.services[HOSTS] = AzuriteRelay(target)
    urls = {"pictures_url": STORAGE, "lake_url": STORAGE, "lake_dfs_url": STORAGE}
    return Places(
        filled_url,
        gateway_target(target, gateway, **urls, storage_auth="identity", storage_key=""),
        drawn_faces,
        weights,
    )


@pytest.mark.chaos
@pytest.mark.slow
def test_a_clock_that_jumps_changes_nothing(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    run_jobs(places)
    undisturbed, clock, chosen = read_state(places), time.time, random.Random(SEED)
    monkeypatch.setattr(time, "time", lambda: clock() + chosen.choice(HOURS) * HOUR)
    for job in JOBS:
        run_jobs(places, [job])
        assert read_state(places) == undisturbed, job
