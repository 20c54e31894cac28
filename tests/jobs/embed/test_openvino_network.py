"""OpenVINO in bf16 beside torch's autocast: a way to compute, for runs that are worth its conversion."""

import sys
from pathlib import Path

import numpy as np
import pytest

from jobs.embed.engine import list_ways
from jobs.embed.model import load_network
from jobs.embed.openvino_network import CONVERTED_FROM
from jobs.embed.prepare import read_sample
from jobs.pictures.scan import find_pictures


def test_its_vectors_are_those_of_autocast(drawn_faces: Path, weights: str) -> None:
    """Also of a number of pictures that is not a multiple of the batch, and more than one call's."""
    ways = list_ways(load_network(Path(weights), "bf16"), "bf16", pictures=CONVERTED_FROM)
    eager, openvino = (next(way for way in ways if way.name == name).build() for name in ("eager", "openvino"))
    grey = read_sample(find_pictures(drawn_faces).pictures, 37)
    expected, found = eager(grey), openvino(grey)
    cosines = (expected * found).sum(1) / np.linalg.norm(expected, axis=1) / np.linalg.norm(found, axis=1)
    assert found.shape == (37, 512) and found.dtype == np.float32
    assert cosines.min() > 0.9995
    assert np.array_equal(openvino(grey[:3]), found[:3])


@pytest.mark.parametrize(("precision", "pictures"), [("bf16", CONVERTED_FROM - 1), ("fp32", CONVERTED_FROM)])
def test_a_short_run_and_fp32_do_without_it(weights: str, precision: str, pictures: int) -> None:
    ways = list_ways(load_network(Path(weights), precision), precision, pictures=pictures)
    assert "openvino" not in {way.name for way in ways}


def test_it_is_optional(weights: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    ways = list_ways(load_network(Path(weights), "bf16"), "bf16", pictures=CONVERTED_FROM)
    assert {way.name for way in ways} == {"eager"}
