"""pgvector's HNSW: when it is built and with what, and that a search is complete whatever stands."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import psycopg2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg2.extensions import connection

from jobs import hnsw, index, local
from jobs.binary_copy import payload
from jobs.failure import Failure
from jobs.index import database
from jobs.postgres import connected, one
from jobs.target import Target
from tests.conftest import fresh_database

EMOTIONS = {"happy": 2600, "neutral": 340, "sad": 45, "fear": 14, "disgust": 1}
ROWS = sum(EMOTIONS.values())
SHAPES = pytest.mark.parametrize("halfvec", [False, True])


@dataclass
class Table:
    """A table of seeded vectors in clusters, most of them of one emotion."""

    url: str
    vectors: np.ndarray
    emotions: np.ndarray

    def exact(self, query: np.ndarray, k: int, emotion: str | None) -> tuple[set[int], list[float]]:
        """All ids that may be among the k nearest, and the k distances, by numpy."""
        lengths = np.linalg.norm(self.vectors.astype(np.float64), axis=1) * np.linalg.norm(query.astype(np.float64))
        distances = 1 - self.vectors.astype(np.float64) @ query / lengths
        wanted = np.flatnonzero((self.emotions == emotion) | (emotion is None))
        order = wanted[np.argsort(distances[wanted])][:k]
        return {int(n) + 1 for n in order}, sorted(distances[order].tolist())


@pytest.fixture(scope="module")
def filled(services: Target) -> Iterator[Table]:
    random = np.random.default_rng(3)
    centres = random.random((12, 512))
    vectors = (centres[random.integers(12, size=ROWS)] + 0.3 * random.random((ROWS, 512))).astype(np.float32)
    emotions = random.permutation(np.repeat(list(EMOTIONS), list(EMOTIONS.values())))
    for url in fresh_database(local.server("laptop").url("postgres")):
        with connected(url) as db, db.cursor() as cursor:
            rows = ((n + 1, f"{e}/{n}.jpg", str(e), v) for n, (e, v) in enumerate(zip(emotions, vectors, strict=True)))
            cursor.copy_expert("COPY imagenes_fer (id, filepath, emotion, vector) FROM STDIN BINARY", payload(rows))
            db.commit()
        yield Table(url, vectors, emotions)


@pytest.fixture
def table(filled: Table) -> Iterator[Table]:
    """The same in a database of the test's own."""
    template = filled.url.rpartition("/")[2].partition("?")[0]
    for url in fresh_database(local.server("laptop").url("postgres"), template):
        yield Table(url, filled.vectors, filled.emotions)


def execute(table: Table, *statements: str) -> None:
    db = psycopg2.connect(table.url)
    db.autocommit = True
    with db.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    db.close()


def pretend(table: Table, version: str) -> None:
    execute(table, f"UPDATE pg_extension SET extversion = '{version}' WHERE extname = 'vector'")


def uses_index(db: connection, query: np.ndarray) -> bool:
    """Whether a search reads the graph."""
    with db.cursor() as cursor:
        cursor.execute("EXPLAIN " + hnsw.GRAPH, hnsw.values(query, 5, None))
        return any("hnsw" in line for (line,) in cursor)


@SHAPES
@pytest.mark.parametrize("version", ["0.8.5", "0.7.4"])
def test_a_search_is_complete_whatever_the_emotion(table: Table, halfvec: bool, version: str) -> None:
    index.index_database(table.url, index.Wish(halfvec=halfvec))
    pretend(table, version)
    with connected(table.url) as db:

        @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.differing_executors])
        @given(
            emotion=st.sampled_from([None, *EMOTIONS]),
            k=st.one_of(st.integers(1, 30), st.integers(1, ROWS + 10)),
            near=st.integers(0, ROWS - 1),
            tuples=st.sampled_from([1, 50, 20000]),
        )
        def complete(emotion: str | None, k: int, near: int, tuples: int) -> None:
            with db.cursor() as cursor:
                cursor.execute(f"SET hnsw.max_scan_tuples = {tuples}; SET enable_seqscan = off; SET enable_sort = off")
            found = hnsw.nearest(db, table.vectors[near], k, emotion)
            there = ROWS if emotion is None else EMOTIONS[emotion]
            assert len(found) == len({id for id, *_ in found}) == min(k, there)
            assert all(emotion in (None, got) for _, _, got, _ in found)
            distances = [distance for *_, distance in found]
            assert distances == sorted(distances)
            ids, exact = table.exact(table.vectors[near], k, emotion)
            if k >= there or k > hnsw.MOST_ROWS:
                assert np.allclose(distances, exact, atol=1e-6)
            if k >= there:
                assert {id for id, *_ in found} == ids
            db.rollback()

        complete()


@SHAPES
def test_it_is_built_once_and_anew_when_asked(table: Table, halfvec: bool) -> None:
    wish = index.Wish(halfvec=halfvec)
    first = index.index_database(table.url, wish)
    assert (first.rows, first.built, first.halfvec) == (ROWS, True, halfvec)
    assert first.recall_at_10 is not None and first.recall_at_10 >= 0.99
    assert not index.index_database(table.url, wish).built
    assert index.index_database(table.url, index.Wish(halfvec=halfvec, rebuild=True)).built
    assert index.index_database(table.url, index.Wish(halfvec=not halfvec)).built
    with connected(table.url) as db:
        assert len(hnsw.indexes(db)) == 1
        assert hnsw.standing(db)[0] is (hnsw.FULL if halfvec else hnsw.HALF)


def test_an_index_that_is_not_whole_is_built_anew(table: Table) -> None:
    index.index_database(table.url)
    execute(table, f"UPDATE pg_index SET indisvalid = false WHERE indexrelid = '{hnsw.FULL.name}'::regclass")
    with connected(table.url) as db:
        assert hnsw.standing(db)[0] is None
        assert len(hnsw.nearest(db, table.vectors[0], 5)) == 5
    assert index.index_database(table.url).built
    with connected(table.url) as db:
        assert hnsw.indexes(db)[0][2]


def test_half_the_numbers_half_the_size_and_distances_as_exact(table: Table) -> None:
    sizes = []
    for halfvec in (False, True):
        index.index_database(table.url, index.Wish(halfvec=halfvec))
        with connected(table.url) as db:
            name = hnsw.indexes(db)[0][0]
            sizes.append(int(one(db, "SELECT pg_relation_size(%s::regclass)", (name,))))
            found = hnsw.by_graph(db, hnsw.HALF if halfvec else hnsw.FULL, hnsw.values(table.vectors[7], 10, None))
            assert np.allclose([d for *_, d in found], table.exact(table.vectors[7], 10, None)[1], atol=1e-6)
    assert sizes[1] < 0.6 * sizes[0]


def test_a_row_that_comes_later_is_found_by_the_index(table: Table) -> None:
    index.index_database(table.url)
    query = np.random.default_rng(9).random(512, dtype=np.float32) * np.arange(512, dtype=np.float32)
    with connected(table.url) as db, db.cursor() as cursor:
        cursor.execute(
            "INSERT INTO imagenes_fer VALUES (9000, 'sad/new.jpg', 'sad', %s::real[]::vector)",
            (query.tolist(),),
        )
        cursor.execute("SET LOCAL enable_seqscan = off")
        assert uses_index(db, query)
        assert hnsw.by_graph(db, hnsw.FULL, hnsw.values(query, 1, None))[0][1] == "sad/new.jpg"


@pytest.mark.parametrize(("version", "warned"), [("0.8.3", True), ("0.8.4", False), ("0.10.0", False)])
def test_an_old_pgvector_is_told_of(
    table: Table, version: str, warned: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    pretend(table, version)
    index.index_database(table.url)
    told = [line for line in capsys.readouterr().err.splitlines() if "ALTER EXTENSION vector UPDATE" in line]
    assert len(told) == warned
    assert not warned or version in told[0]


def test_a_pgvector_without_halfvec_is_told_of(table: Table) -> None:
    pretend(table, "0.6.2")
    with pytest.raises(Failure, match="without --halfvec"):
        index.index_database(table.url, index.Wish(halfvec=True))


def test_parallel_builds_wait_for_a_pgvector_that_can(table: Table) -> None:
    with connected(table.url) as db:
        workers = database.means(db, hnsw.FULL, ROWS).workers
        assert workers == min(2, (database.os.cpu_count() or 1) - 1)
    pretend(table, "0.8.1")
    with connected(table.url) as db:
        assert database.means(db, hnsw.FULL, ROWS).workers == 0


def test_memory_grows_with_the_rows_within_what_the_server_has(table: Table) -> None:
    mib = 1024 * 1024
    with connected(table.url) as db, db.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '64MB'; SET effective_cache_size = '1536MB'")  # a B1ms of 2 GiB
        assert database.means(db, hnsw.FULL, 100).memory == 64 * mib
        assert database.means(db, hnsw.FULL, 100_000).memory == 100_000 * 2356
        assert database.means(db, hnsw.HALF, 100_000).memory == 100_000 * 1332
        assert database.means(db, hnsw.FULL, 10_000_000).memory == 384 * mib
        cursor.execute("SET maintenance_work_mem = '512MB'")
        assert database.means(db, hnsw.FULL, 10_000_000).memory == 512 * mib


def test_the_build_uses_what_was_worked_out(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []

    def watched(db: connection, *others: object) -> None:
        ran.append(
            one(
                db,
                "SELECT current_setting('maintenance_work_mem') || ' ' || "
                "current_setting('max_parallel_maintenance_workers')",
            )
        )
        real(db, *others)  # type: ignore[arg-type]

    real = database.watched
    monkeypatch.setattr(database, "watched", watched)
    monkeypatch.setattr(database, "means", lambda *given: database.Means(96 * 1024 * 1024, 0))
    index.index_database(table.url)
    assert ran == ["96MB 0"]


def test_recall_is_measured(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    def far(db: connection, graph: object, asked: dict[str, object], ef: int) -> list[hnsw.Found]:
        return hnsw.by_scan(db, asked | {"k": 20})[10:]

    with monkeypatch.context() as patched:
        patched.setattr(hnsw, "by_graph", far)
        found = index.index_database(table.url)
    assert (found.recall_at_10, found.ef_search) == (0, 640)
    execute(table, "DELETE FROM imagenes_fer")
    empty = index.index_database(table.url)
    assert (empty.rows, empty.recall_at_10) == (0, None)


def test_searches_look_as_far_as_the_vectors_need(table: Table) -> None:
    """Vectors without any likeness are hard for a graph; those of the table are easy."""
    easy = index.index_database(table.url)
    assert easy.ef_search == hnsw.LEAST_EF
    hard = np.random.default_rng(3).normal(size=(ROWS, 512)).astype(np.float32)
    with connected(table.url) as db, db.cursor() as cursor:
        cursor.execute("SELECT id FROM imagenes_fer ORDER BY id")
        for (id,), vector in zip(cursor.fetchall(), hard, strict=True):
            cursor.execute("UPDATE imagenes_fer SET vector = %s::real[]::vector WHERE id = %s", (vector.tolist(), id))
        db.commit()
    found = index.index_database(table.url, index.Wish(rebuild=True))
    assert found.ef_search > hnsw.LEAST_EF
    assert found.recall_at_10 is not None and found.recall_at_10 >= 0.99
    with connected(table.url) as db:
        assert hnsw.standing(db)[1] == found.ef_search
        asked = hnsw.values(hard[17], 10, None)
        hnsw.nearest(db, hard[17], 10)
        assert one(db, "SELECT current_setting('hnsw.ef_search')") == str(found.ef_search)
        assert {row[0] for row in hnsw.nearest(db, hard[17], 10)} == {row[0] for row in hnsw.by_scan(db, asked)}
    assert index.index_database(table.url).ef_search == found.ef_search


@pytest.mark.parametrize(
    ("comment", "ef"),
    [("hnsw.ef_search = 80", 80), ("hnsw.ef_search = 99999", 40), ("somebody's own words", 40), ("", 40)],
)
def test_a_comment_that_is_not_ours_says_nothing(table: Table, comment: str, ef: int) -> None:
    index.index_database(table.url)
    with connected(table.url) as db, db.cursor() as cursor:
        cursor.execute(f"COMMENT ON INDEX {hnsw.FULL.name} IS %s", (comment,))
        assert hnsw.standing(db)[:2] == (hnsw.FULL, ef)


def test_vectors_from_before_the_setting_move_into_their_rows(table: Table, capsys: pytest.CaptureFixture[str]) -> None:
    execute(
        table,
        "ALTER TABLE imagenes_fer RESET (toast_tuple_target)",
        "UPDATE imagenes_fer SET vector = vector::real[]::vector",
        "ALTER TABLE imagenes_fer SET (toast_tuple_target = 8160)",
    )
    beside = "SELECT count(*) FROM imagenes_fer WHERE pg_column_toast_chunk_id(vector) IS NOT NULL"
    with connected(table.url) as db:
        assert one(db, beside) == ROWS
    index.index_database(table.url)
    assert "moved into them" in capsys.readouterr().err
    with connected(table.url) as db, db.cursor() as cursor:
        assert one(db, beside) == 0
        cursor.execute("SELECT vector::real[] FROM imagenes_fer ORDER BY id")
        assert np.array_equal(np.array([row[0] for row in cursor], np.float32), table.vectors)
    index.index_database(table.url)
    assert "moved into them" not in capsys.readouterr().err


@pytest.mark.parametrize("indexed", [False, True])
def test_rows_of_zeros_are_near_to_nothing(laptop_url: str, indexed: bool) -> None:
    """Their cosine is NaN, which no JSON has."""
    zeros, ones = np.zeros(512, np.float32), np.ones(512, np.float32)
    with connected(laptop_url) as db, db.cursor() as cursor:
        rows = [(n, f"a/{n}.jpg", "a", ones if n == 7 else zeros) for n in range(1, 30)]
        cursor.copy_expert("COPY imagenes_fer (id, filepath, emotion, vector) FROM STDIN BINARY", payload(rows))
        db.commit()
        if indexed:
            assert index.index_database(laptop_url).ef_search == hnsw.LEAST_EF
        for emotion in (None, "a"):
            assert hnsw.nearest(db, ones, 5, emotion) == [(7, "a/7.jpg", "a", 0.0)]
        graph = hnsw.by_graph(db, hnsw.FULL, hnsw.values(ones, 5, None))
        assert [row[0] for row in graph] == [7]
