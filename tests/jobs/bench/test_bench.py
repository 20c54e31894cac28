"""bench: what it compares is the same work, and what it writes are the figures that it measured."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from jobs.bench import embedding, results
from jobs.bench import run as bench
from jobs.bench.step import Measured, Step, StepRun, measure
from jobs.errors import JobError
from jobs.local.services import azurite, postgres_server, storage_server
from jobs.postgres.connection import open_connection
from jobs.target import Target

TINY = bench.Size(
    rounds=2,
    pictures=16,
    slow_pictures=8,
    every_precision=False,
    rows=120,
    slow_rows=40,
    large_rows=200,
    unchanged=40,
    grow_pictures=2,
    grow_rows=10,
)


def step(slow: Callable[[], StepRun], fast: Callable[[], StepRun], agree: Callable[[Any, Any], str]) -> Step:
    return Step(name="a step", unit="rows", baseline="slow", ours="fast", slow=slow, fast=fast, agree=agree, goal=2)


def test_the_ratio_is_that_of_the_rates_and_the_order_is_turned() -> None:
    ran: list[str] = []
    seconds = {"slow": iter([10.0, 20.0, 40.0]), "fast": iter([1.0, 1.0, 2.0])}

    def arm(name: str, amount: int) -> Callable[[], StepRun]:
        def run() -> StepRun:
            ran.append(name)
            return StepRun(amount, next(seconds[name]), name)

        return run

    found = measure(step(arm("slow", 100), arm("fast", 200), lambda slow, fast: f"{slow} {fast}"), 3)
    assert ran == ["slow", "fast", "fast", "slow", "slow", "fast"]
    assert (found.ratio_least, found.ratio, found.ratio_most) == (20, 40, 40)
    assert (found.baseline_rate, found.our_rate, found.agreement) == (5, 200, "slow fast")


def test_two_ways_that_disagree_are_no_measurement() -> None:
    def refuse(slow: object, fast: object) -> str:
        raise JobError(f"{slow} is not {fast}")

    with pytest.raises(JobError, match="1 is not 2"):
        measure(step(lambda: StepRun(1, 1, 1), lambda: StepRun(1, 1, 2), refuse), 1)


def test_vectors_that_point_elsewhere_are_refused() -> None:
    random = np.random.default_rng(1)
    theirs = {f"happy/{n}.jpg": random.random(512, dtype=np.float32) for n in range(20)}
    assert "top-10 1.0000 the same" in embedding.agreement(theirs, dict(theirs), "fp32")
    bent = {**theirs, "happy/3.jpg": theirs["happy/3.jpg"] + np.eye(1, 512, 7, dtype=np.float32)[0] * 0.1}
    with pytest.raises(JobError, match="cosine"):
        embedding.agreement(theirs, bent, "fp32")
    with pytest.raises(JobError, match="which pictures"):
        embedding.agreement(theirs, {path: theirs[path] for path in list(theirs)[1:]}, "fp32")
    more = {**theirs, "sad/1.jpg": theirs["happy/1.jpg"]}
    assert embedding.agreement(theirs, more, "fp32") == embedding.agreement(theirs, theirs, "fp32")


def test_a_whole_bench_writes_its_figures_and_leaves_nothing(
    services: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench, "QUICK", TINY)
    before = left()
    found = bench.run_bench(bench.BenchOptions(quick=True, out=tmp_path))
    assert left() == before
    written = json.loads((tmp_path / "results.json").read_text())
    assert [each["name"] for each in written["steps"]] == [each.name for each in found.steps]
    assert {
        "embed fp32",
        "load",
        "upload",
        "migrate",
        "export",
        "exact search",
        "HNSW search",
        "HNSW search, 200 rows",
    } <= {each.name for each in found.steps}
    assert all(each.rounds == 2 and each.ratio > 0 for each in found.steps)
    assert all(each.sizes == [each.sizes[0] * factor for factor in (1, 4, 16)] for each in found.growth)
    assert found.unchanged_pictures == 40
    with Image.open(tmp_path / "bench.png") as picture:
        assert picture.width > 600
    again = bench.BenchOptions(quick=True, out=tmp_path, compare=tmp_path / "results.json")
    assert (
        results.compare(found.steps, results.read_results(again.compare or tmp_path), tmp_path)[1].split()[-1] == "1.00"
    )
    assert "| embed fp32 |" in found.summary()


def left() -> tuple[list[str], list[str]]:
    """The databases and containers that there are."""
    names: list[str] = []
    for server in ("laptop", "cloud"):
        with open_connection(postgres_server(server).url("postgres")) as db, db.cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database ORDER BY 1")
            names += [name for (name,) in cursor]
    from azure.storage.blob import BlobServiceClient

    with BlobServiceClient(storage_server().url("imagenes"), credential=azurite.KEY) as client:
        return names, [each.name for each in client.list_containers()]


def test_a_slower_step_is_below_one() -> None:
    now = Measured(
        name="load",
        unit="rows",
        baseline="",
        ours="",
        rounds=1,
        baseline_rate=1,
        our_rate=30,
        ratio=30,
        ratio_least=30,
        ratio_most=30,
        goal=None,
        agreement="",
    )
    assert results.compare([now], {"load": (60, 40), "gone": (1, 1)}, Path("x"))[1].split() == ["load", "0.50", "0.75"]


@pytest.mark.parametrize("content", ["", "[]", '{"steps": [1]}'])
def test_another_file_than_a_bench_wrote_is_refused_before_anything_runs(tmp_path: Path, content: str) -> None:
    file = tmp_path / "other.json"
    file.write_text(content)
    with pytest.raises(JobError, match="no results file"):
        bench.run_bench(bench.BenchOptions(compare=file, out=tmp_path / "out"))
    assert not (tmp_path / "out").exists()
