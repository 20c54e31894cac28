"""A run in Data Factory behind a bad network, and under a clock that jumps: a result or a sentence, then a result."""

import random
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest

from jobs.azure import retries, transport
from jobs.azure.login import credential
from jobs.errors import JobError
from jobs.pipeline.data_factory import wait
from jobs.pipeline.run import run_pipeline
from jobs.target import Target
from tests.azure_fakes.cloud import Cloud
from tests.azure_fakes.data_factory import DataFactory
from tests.azure_fakes.factory_answers import OUTPUTS, PIPELINE
from tests.stalling_proxy import Fault, StallingProxy
from tests.test_faulty_network import FAULTS, ROUNDS, SEED

MOST_BYTES = 6000  # of one connection: certificates, and the answers about a run
HOUR = 3600


@pytest.fixture(autouse=True)
def short_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Silence is given up after a second or two, and no poll waits."""
    monkeypatch.setattr(transport, "SAY_SECONDS", 0.5)
    monkeypatch.setattr(retries, "SILENT_SECONDS", 2)
    monkeypatch.setitem(retries.LIMITS, "read_timeout", 1)
    monkeypatch.setattr(retries, "MAX_SECONDS", 1)
    for name, value in {"FIRST_SECONDS": 0.01, "LONGEST_SECONDS": 0.02, "MAX_FAILED_POLLS": 3}.items():
        monkeypatch.setattr(wait, name, value)


@pytest.fixture
def behind(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Fault, int, int], None]]:
    """A function that puts a proxy with a fault before all of Azure; `none` takes it away."""
    direct, opened = cloud.environment()["HTTPS_PROXY"], list[StallingProxy]()

    def put(fault: Fault, at: int, times: int) -> None:
        opened.append(StallingProxy(urlsplit(direct).port or 0, fault, at, times))
        for name in ("HTTPS_PROXY", "https_proxy"):
            monkeypatch.setenv(name, opened[-1].url(direct) if fault != "none" else direct)
        credential.cache_clear()

    yield put
    for proxy in opened:
        assert proxy.open_sockets or proxy.fault == "none", "the run went past the proxy"
        proxy.close()


def run() -> None:
    result = run_pipeline(Target.from_outputs(OUTPUTS, "pulumi up"), PIPELINE, {})
    if result.status != "Succeeded":
        raise JobError(str(result.error))


@pytest.mark.parametrize("fault", [FAULTS[0], *(pytest.param(each, marks=pytest.mark.chaos) for each in FAULTS[1:])])
def test_data_factory_behind_a_bad_network(
    fault: Fault,
    behind: Callable[[Fault, int, int], None],
    data_factory: DataFactory,
    record_property: Callable[[str, object], None],
) -> None:
    chosen = random.Random(f"{SEED} {fault}")
    for _ in range(ROUNDS):
        behind(fault, chosen.randrange(MOST_BYTES), chosen.choice((1, 1_000_000)))
        try:
            run()
        except JobError as error:
            assert fault not in ("late", "drip"), str(error)
        behind("none", 0, 0)
        run()
    record_property("network faults", ROUNDS)


def test_a_clock_that_jumps_under_the_token(data_factory: DataFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, chosen = time.time, random.Random(SEED)
    monkeypatch.setattr(time, "time", lambda: clock() + chosen.choice((-30, -1, 0, 1, 30)) * HOUR)
    for _ in range(3):
        run()
