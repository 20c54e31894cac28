"""embed on Ray without Ray, without its cluster, or without pictures: one sentence each. No test starts Ray."""

from pathlib import Path

import pytest

from jobs.embed.on_ray import run as on_ray
from jobs.embed.options import EmbedOptions
from jobs.embed.run import embed_pictures
from jobs.errors import JobError
from jobs.target import Target
from tests.jobs.embed.ray_runs import WARNINGS, table

pytestmark = WARNINGS


def test_missing_ray_is_reported_with_the_command_that_installs_it(
    faces: Path, laptop_url: str, weights: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_ray.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(JobError, match=r"pip install -r requirements-ray\.txt"):
        embed_pictures(faces, laptop_url, EmbedOptions(weights=weights, ray="local"))
    assert table(laptop_url) == {}


@pytest.mark.parametrize("address", ["127.0.0.1:1", "nowhere", "ray://127.0.0.1:10001"])
def test_a_cluster_that_does_not_answer_is_reported(address: str) -> None:
    from jobs.embed.on_ray.session import check_cluster

    with pytest.raises(JobError, match=rf"{address}.*--ray-address"):
        check_cluster(address)


def test_an_empty_container_is_reported(laptop_url: str, target: Target, weights: str) -> None:
    with pytest.raises(JobError, match=r"There is no picture in http.*imagenes/train: run `python -m jobs upload DIR`"):
        embed_pictures(target, laptop_url, EmbedOptions(weights=weights))
