"""Every job with a bad network before each of its services: it ends in a result or a sentence, and loses nothing.

CHAOS_SEED chooses the bytes, CHAOS_ROUNDS how often each cell of the grid is tried.
"""

import os
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from jobs.azure import retries, transport
from jobs.embed.options import EmbedOptions
from jobs.embed.run import embed_pictures
from jobs.errors import JobError
from jobs.index.run import build_index
from jobs.migrate.run import migrate_table
from jobs.pipeline.run import run_pipeline
from jobs.postgres import silence
from jobs.postgres.connection import open_connection
from jobs.search.query import Query
from jobs.search.run import search_pictures
from jobs.storage import retries as storage_retries
from jobs.storage.client import lake_container, list_blobs, pictures_container
from jobs.target import Target
from jobs.upload.run import upload_pictures
from jobs.verify.run import verify_target
from tests.stalling_proxy import Fault, StallingProxy

pytestmark = pytest.mark.slow

PIPELINE = "PL_Migrar_Datos_FER"
ALWAYS = "index"  # `make test` runs this one, `make chaos` all
FAULTS: tuple[Fault, ...] = ("late", "drip", "reset", "truncate", "stall", "mute")
ROUNDS, SEED = int(os.environ.get("CHAOS_ROUNDS", "1")), int(os.environ.get("CHAOS_SEED", "1"))
MOST_BYTES = {"laptop": 90_000, "cloud": 90_000, "storage": 60_000}
FEW_BYTES = {"search --from database": 6_000}  # a fault later than the last byte changes nothing


@dataclass(frozen=True)
class Places:
    """The laptop's database, the target, the folder of pictures, and the weights."""

    source: str
    target: Target
    faces: Path
    weights: str

    def behind(self, proxy: StallingProxy, service: str) -> "Places":
        """The same places, one service behind a proxy."""
        if service == "laptop":
            return replace(self, source=proxy.url(self.source))
        if service == "cloud":
            return replace(self, target=replace(self.target, postgres_port=proxy.port))
        urls = {name: proxy.url(getattr(self.target, name)) for name in ("pictures_url", "lake_url", "lake_dfs_url")}
        return replace(self, target=replace(self.target, **urls))

    def port(self, service: str) -> int:
        url = {"laptop": self.source, "storage": self.target.lake_url}.get(service, f"//:{self.target.postgres_port}")
        return urlsplit(url).port or 0


def run_flow(places: Places) -> None:
    result = run_pipeline(places.target, PIPELINE, {})
    if result.status != "Succeeded":
        raise JobError(str(result.error))


def verify(places: Places) -> None:
    result = verify_target(places.target, places.source, 5)
    if not result.ok:
        raise JobError(str(result.problems))


def search(places: Places, place: str) -> None:
    picture = next(places.faces.rglob("*.jpg"))
    found = search_pictures(places.target, Query(picture=picture, weights=places.weights, place=place))
    assert len(found.results) == found.k


JOBS: dict[str, tuple[tuple[str, ...], Callable[[Places], object]]] = {
    "embed": (("laptop",), lambda at: embed_pictures(at.faces, at.source, EmbedOptions(weights=at.weights))),
    "migrate": (("laptop", "cloud"), lambda at: migrate_table(at.source, at.target)),
    "pg_dump": (("laptop", "cloud"), lambda at: migrate_table(at.source, at.target, "pg_dump")),
    "upload": (("storage",), lambda at: upload_pictures(at.faces, pictures_container(at.target))),
    "run-pipeline": (("cloud", "storage"), run_flow),
    "index": (("storage", "cloud"), lambda at: build_index(at.target, "lake")),
    "index --from database": (("cloud",), lambda at: build_index(at.target, "database")),
    "verify": (("laptop", "cloud", "storage"), verify),
    "search": (("storage",), lambda at: search(at, "lake")),
    "search --from database": (("cloud",), lambda at: search(at, "database")),
}


def run_jobs(places: Places, jobs: Iterable[str] = tuple(JOBS)) -> Places:
    """Run each of the jobs once. Returns the places, which they fill."""
    for job in jobs:
        _, run = JOBS[job]
        run(places)
    return places


@pytest.fixture
def places(filled_url: str, target: Target, drawn_faces: Path, weights: str) -> Places:
    """All places filled, as by an undisturbed run."""
    return run_jobs(Places(filled_url, target, drawn_faces, weights))


@pytest.fixture(autouse=True)
def short_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Silence is given up after a second or two, and announced after half of one."""
    for name, seconds in {"SAY": 0.5, "GIVE_UP": 4.0, "ASK_AGAIN": 1.0, "PROBE": 1.0}.items():
        monkeypatch.setattr(silence, f"{name}_SECONDS", seconds)
    monkeypatch.setattr(transport, "SAY_SECONDS", 0.5)
    monkeypatch.setattr(storage_retries.StorageRetries, "get_backoff_time", lambda *words: 0.1)
    monkeypatch.setitem(retries.LIMITS, "read_timeout", 1)
    for module in (retries, storage_retries):
        monkeypatch.setattr(module, "SILENT_SECONDS", 2)


def read_state(places: Places) -> tuple[object, ...]:
    """Rows of both databases by hash, and every blob but the Parquet and the index, whose bytes hold a time."""
    tables = []
    for database in (places.source, places.target):
        with open_connection(database) as db, db.cursor() as cursor:
            cursor.execute("SELECT id, filepath, emotion, md5(vector_send(vector)) FROM imagenes_fer ORDER BY id")
            tables.append(cursor.fetchall())
    containers = (pictures_container(places.target), lake_container(places.target))
    blobs = [{each.name: each.md5 for each in list_blobs(one, "")} for one in containers]
    kept = [{name: md5 for name, md5 in one.items() if not name.startswith(("index/", "embeddings/"))} for one in blobs]
    return *tables, *kept


@pytest.fixture
def proxies() -> Iterator[Callable[[int, Fault, int, int], StallingProxy]]:
    opened: list[StallingProxy] = []

    def open_proxy(port: int, fault: Fault, at: int, times: int) -> StallingProxy:
        opened.append(StallingProxy(port, fault, at, times))
        return opened[-1]

    yield open_proxy
    for proxy in opened:
        proxy.close()


@pytest.mark.parametrize("job", [pytest.param(job, marks=[] if job == ALWAYS else pytest.mark.chaos) for job in JOBS])
def test_a_bad_network_loses_nothing(
    job: str,
    places: Places,
    proxies: Callable[[int, Fault, int, int], StallingProxy],
    record_property: Callable[[str, object], None],
) -> None:
    undisturbed, (services, run) = read_state(places), JOBS[job]
    chosen = random.Random(f"{SEED} {job}")
    for service, fault in [(service, fault) for service in services for fault in FAULTS] * ROUNDS:
        at, times = chosen.randrange(FEW_BYTES.get(job, MOST_BYTES[service])), chosen.choice((1, 1_000_000))
        proxy = proxies(places.port(service), fault, at, times)
        try:
            run(places.behind(proxy, service))
        except JobError as error:
            assert fault not in ("late", "drip"), f"{service} {fault} at {at}: {error}"
        run(places)
        assert read_state(places) == undisturbed, f"{service} {fault} at {at}"
    record_property("network faults", len(services) * len(FAULTS) * ROUNDS)
