"""The places change while the page runs: each answer is right, from the old state or from the new one."""

import hashlib
import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import faiss
import numpy as np
import pytest
import torch

from jobs.embed.weights import Weights, remember, save_weights
from jobs.index import faiss_index
from jobs.index.run import build_index
from jobs.postgres.connection import open_connection
from jobs.search import faiss_search
from jobs.target import Target
from tests.jobs.served import Served

FACE = "happy/face_00002.jpg"
KEPT = 60  # vectors of the other index


@pytest.fixture
def target(application: Served, monkeypatch: pytest.MonkeyPatch) -> Target:
    """The application's target. It asks for a newer index each time."""
    monkeypatch.setattr(faiss_search, "CHECK_SECONDS", 0.0)
    assert application.desk.target
    return application.desk.target


def test_a_new_index_is_seen_whole(application: Served, target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    def search(number: int) -> list[int]:
        return [match["id"] for match in application.get("/search?id=5&k=100&as=json").json()["results"]]

    def build_smaller(*arguments: object) -> object:
        index, labels = build(*arguments)  # type: ignore[arg-type]
        index.remove_ids(faiss.IDSelectorRange(KEPT, index.ntotal))
        return index, labels.slice(0, KEPT)

    before, build = search(0), faiss_index.build_faiss_index
    with ThreadPoolExecutor(4) as pool, monkeypatch.context() as patch:
        patch.setattr(faiss_index, "build_faiss_index", build_smaller)
        meanwhile = [pool.submit(search, number) for number in range(20)]
        build_index(target, "lake")
        found = [future.result() for future in meanwhile]
    after = search(0)
    assert (len(before), len(after)) == (70, KEPT) and set(after) < set(before)
    assert all(each in (before, after) for each in found)
    build_index(target, "lake")
    assert search(0) == before


def test_a_connection_that_dies_between_two_searches_is_opened_again(application: Served, target: Target) -> None:
    path = "/search?id=5&k=4&place=database&as=json"
    before = application.get(path).json()["results"]
    with open_connection(target) as db, db.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'lake_reader' "
            "AND datname = current_database()"
        )
        assert cursor.fetchone()[0] >= 1
    assert application.get(path).json()["results"] == before


def reversing_weights(weights: Path) -> Weights:
    """Weights whose vectors are those of others, the last number first."""
    reverse = {"fc.weight": torch.eye(512).flip(0).contiguous(), "fc.bias": torch.zeros(512)}
    stream = io.BytesIO()
    torch.save(torch.load(weights, weights_only=True) | reverse, stream)
    sha256 = hashlib.sha256(stream.getvalue()).hexdigest()
    found = Weights("reversing.pt", sha256, save_weights(stream.getvalue(), sha256))
    remember(found)
    return found


@contextmanager
def filled_by(weights: Weights, target: Target) -> Iterator[None]:
    """The database holds the vectors of these weights, which are the others' with the last number first."""
    with open_connection(target) as db, db.cursor() as cursor:

        def fill(name: str, sha256: str) -> None:
            cursor.execute("SELECT id, vector::real[] FROM imagenes_fer")
            rows = [(str(np.array(vector[::-1]).tolist()), id) for id, vector in cursor.fetchall()]
            cursor.executemany("UPDATE imagenes_fer SET vector = %s WHERE id = %s", rows)
            cursor.execute("UPDATE embedding SET weights = %s, weights_sha256 = %s", (name, sha256))
            db.commit()

        cursor.execute("SELECT weights, weights_sha256 FROM embedding")
        before = cursor.fetchone()
        fill(weights.name, weights.sha256)
        yield
        fill(*before)


def test_places_that_other_weights_filled_are_each_asked_with_a_vector_of_their_own(
    application: Served, target: Target, many_faces: Path, weights: str
) -> None:
    with filled_by(reversing_weights(Path(weights)), target):
        answer = application.give((many_faces / "train" / FACE).read_bytes(), k="3", place=["lake", "database"])
        lake, database = application.session.get(answer.url.partition("#")[0] + "&as=json").json()
    assert lake["weights"] != database["weights"] == "reversing.pt"
    for result in (lake, database):
        assert (result["results"][0]["filepath"], result["results"][0]["distance"]) == (
            FACE,
            pytest.approx(0, abs=1e-5),
        )
    assert [match["id"] for match in lake["results"]] == [match["id"] for match in database["results"]]
