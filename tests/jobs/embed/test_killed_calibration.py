"""int8's calibration, killed, and by two commands at once; embed on one core."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from jobs.bench.embedding import read_vectors
from tests.jobs.cli_process import wait_for

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="SIGKILL and a process's processors are Linux's")


EMBED = """
import json, sys
from pathlib import Path
from jobs.embed.options import EmbedOptions
from jobs.embed.run import embed_pictures

folder, url, weights, precision = sys.argv[1:]
result = embed_pictures(Path(folder), url, EmbedOptions(weights=weights, precision=precision, device="cpu"))
print(json.dumps([result.embedded, result.recall]))
"""


def start_embed(*words: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-W", "ignore", "-c", EMBED, *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


@pytest.mark.exhaustive
def test_a_killed_calibration_leaves_nothing_and_two_commands_calibrate_once(
    faces: Path, laptop_url: str, cloud_url: str, weights: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("nncf")
    monkeypatch.setenv("JOBS_LOCAL", str(tmp_path))  # without the networks of other tests
    networks = tmp_path / "networks"
    killed = start_embed(str(faces), laptop_url, weights, "int8")
    wait_for((networks / "unfinished").exists, lambda: "it does not calibrate")
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    both = [start_embed(str(faces), url, weights, "int8") for url in (laptop_url, cloud_url)]
    results = [json.loads(each.communicate()[0]) for each in both]
    assert results[0][0] == 40 and results[0] == results[1]
    assert len([each for each in networks.iterdir() if each.is_dir()]) == 1  # the network, and no unfinished one
    first, second = read_vectors(laptop_url), read_vectors(cloud_url)
    assert first.keys() == second.keys() and all(np.array_equal(first[path], second[path]) for path in first)


def test_one_core(faces: Path, laptop_url: str, weights: str, filled_url: str) -> None:
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(before)})  # a child has its parent's processors
        command = start_embed(str(faces), laptop_url, weights, "fp32")
    finally:
        os.sched_setaffinity(0, before)
    assert json.loads(command.communicate()[0])[0] == 40
    found, expected = read_vectors(laptop_url), read_vectors(filled_url)
    assert all(
        float(found[path] @ expected[path]) > 0.999999 * float(expected[path] @ expected[path]) for path in found
    )
