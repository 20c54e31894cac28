"""bench: both sides of a step do the same work, and the files hold the measured figures."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from jobs.bench import embedding, results
from jobs.bench import run as bench
from jobs.bench.page_figures import find_chromium
from jobs.bench.step import Measurement, Step, StepRun, measure_step
from jobs.errors import JobError
from jobs.local.services import postgres_server, storage_server
from jobs.postgres.connection import open_connection
from jobs.target import Target

pytestmark = pytest.mark.slow

TINY = bench.Size(
    rounds=1,
    pictures=16,
    slow_pictures=8,
    every_precision=False,
    rows=120,
    slow_rows=40,
    large_rows=200,
    unchanged=40,
    grow_pictures=2,
    grow_rows=10,
    page_pictures=8,
)


def step(slow: Callable[[], StepRun], fast: Callable[[], StepRun], agree: Callable[[Any, Any], str]) -> Step:
    return Step(
        name="a step",
        unit="rows",
        baseline="slow",
        ours="fast",
        run_baseline=slow,
        run_ours=fast,
        compare=agree,
        goal=2,
    )


BROWSER = find_chromium()


def test_the_ratio_is_that_of_the_rates_and_the_order_is_swapped() -> None:
    ran: list[str] = []
    seconds = {"slow": iter([10.0, 20.0, 40.0]), "fast": iter([1.0, 1.0, 2.0])}

    def arm(name: str, amount: int) -> Callable[[], StepRun]:
        def run() -> StepRun:
            ran.append(name)
            return StepRun(amount, next(seconds[name]), name)

        return run

    measurement = measure_step(step(arm("slow", 100), arm("fast", 200), lambda slow, fast: f"{slow} {fast}"), 3)
    assert ran == ["slow", "fast", "fast", "slow", "slow", "fast"]
    assert (measurement.ratio_least, measurement.ratio, measurement.ratio_most) == (20, 40, 40)
    assert (measurement.baseline_rate, measurement.our_rate, measurement.agreement) == (5, 200, "slow fast")


def test_a_step_whose_results_disagree_is_not_measured() -> None:
    def reject(baseline: object, ours: object) -> str:
        raise JobError(f"{baseline} is not {ours}")

    with pytest.raises(JobError, match="1 is not 2"):
        measure_step(step(lambda: StepRun(1, 1, 1), lambda: StepRun(1, 1, 2), reject), 1)


def test_different_vectors_are_refused() -> None:
    random = np.random.default_rng(1)
    baseline = {f"happy/{n}.jpg": random.random(512, dtype=np.float32) for n in range(20)}
    assert "top-10 1.0000 the same" in embedding.compare_vectors(baseline, dict(baseline), "fp32")
    bent = {**baseline, "happy/3.jpg": baseline["happy/3.jpg"] + np.eye(1, 512, 7, dtype=np.float32)[0] * 0.1}
    with pytest.raises(JobError, match="cosine"):
        embedding.compare_vectors(baseline, bent, "fp32")
    with pytest.raises(JobError, match="which pictures"):
        embedding.compare_vectors(baseline, {path: baseline[path] for path in list(baseline)[1:]}, "fp32")
    more = {**baseline, "sad/1.jpg": baseline["happy/1.jpg"]}
    assert embedding.compare_vectors(baseline, more, "fp32") == embedding.compare_vectors(baseline, baseline, "fp32")


@pytest.mark.exhaustive
def test_a_bench_writes_its_figures_and_deletes_its_databases_and_containers(
    services: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench, "QUICK", TINY)
    before = databases_and_containers()
    result = bench.run_bench(bench.BenchOptions(quick=True, out=tmp_path))
    assert databases_and_containers() == before
    written = json.loads((tmp_path / "results.json").read_text())
    assert [each["name"] for each in written["steps"]] == [each.name for each in result.steps]
    assert {
        "embed fp32",
        "embed fp32, plain torch",
        "embed fp32, OpenVINO",
        "load",
        "upload",
        "migrate",
        "export",
        "exact search",
        "HNSW search",
        "HNSW search, 200 rows",
        "search by the page",
        "pictures at once",
    } <= {each.name for each in result.steps}
    assert all(each.rounds == 1 and each.ratio > 0 for each in result.steps)
    assert all(each.sizes == [each.sizes[0] * factor for factor in (1, 4, 16)] for each in result.growth)
    assert result.unchanged_pictures == 40
    assert result.page_vectors == 120 and result.page_mib - result.page_cuda_mib > 100
    assert (result.map_milliseconds is None) == (BROWSER is None)
    assert ("ms a frame" in result.summary()) == (BROWSER is not None)
    assert {each.agreement for each in result.steps if "page" in each.baseline} == {"identical bit for bit"}
    with Image.open(tmp_path / "bench.png") as picture:
        assert picture.width > 600
    again = bench.BenchOptions(quick=True, out=tmp_path, compare=tmp_path / "results.json")
    assert (
        results.compare_results(result.steps, results.read_results(again.compare or tmp_path), tmp_path)[1].split()[-1]
        == "1.00"
    )
    assert "| embed fp32 |" in result.summary()


def databases_and_containers() -> tuple[list[str], list[str]]:
    """The names of all databases and containers."""
    names: list[str] = []
    for server in ("laptop", "cloud"):
        with open_connection(postgres_server(server).url("postgres")) as db, db.cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database ORDER BY 1")
            names += [name for (name,) in cursor]
    from azure.storage.blob import BlobServiceClient

    with BlobServiceClient(storage_server().url("imagenes"), credential=storage_server().key()) as client:
        return names, [each.name for each in client.list_containers()]


def test_a_slower_step_is_below_one() -> None:
    now = Measurement(
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
    assert results.compare_results([now], {"load": (60, 40), "gone": (1, 1)}, Path("x"))[1].split() == [
        "load",
        "0.50",
        "0.75",
    ]


@pytest.mark.parametrize("content", ["", "[]", '{"steps": [1]}'])
def test_a_file_that_is_not_a_results_file_is_refused_before_anything_runs(tmp_path: Path, content: str) -> None:
    file = tmp_path / "other.json"
    file.write_text(content)
    with pytest.raises(JobError, match="is not a results file"):
        bench.run_bench(bench.BenchOptions(compare=file, out=tmp_path / "out"))
    assert not (tmp_path / "out").exists()
