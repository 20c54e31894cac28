"""A search of pgvector's HNSW: complete with either index or none, and as near to exact as the measured recall."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg2.extensions import connection

from jobs.index.run import IndexOptions, index_database
from jobs.postgres import hnsw
from jobs.postgres.connection import fetch_value, open_connection
from jobs.postgres.copy import copy_stream
from tests.jobs.index.clusters import EMOTIONS, ROWS, SHAPES, Table, execute, pretend


def uses_index(db: connection, query: np.ndarray) -> bool:
    """Whether a search reads the graph."""
    with db.cursor() as cursor:
        cursor.execute("EXPLAIN " + hnsw.INDEX_QUERY, hnsw.query_params(query, 5, None))
        return any("hnsw" in line for (line,) in cursor)


@SHAPES
@pytest.mark.parametrize("version", ["0.8.5", "0.7.4"])
def test_a_search_is_complete_whatever_the_emotion(table: Table, halfvec: bool, version: str) -> None:
    index_database(table.url, IndexOptions(halfvec=halfvec))
    pretend(table, version)
    with open_connection(table.url) as db:

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
            rows = hnsw.nearest_rows(db, table.vectors[near], k, emotion)
            count = ROWS if emotion is None else EMOTIONS[emotion]
            assert len(rows) == len({id for id, *_ in rows}) == min(k, count)
            assert all(emotion in (None, got) for _, _, got, _ in rows)
            distances = [distance for *_, distance in rows]
            assert distances == sorted(distances)
            ids, exact = table.exact(table.vectors[near], k, emotion)
            if k >= count or k > hnsw.MAX_INDEX_K:
                assert np.allclose(distances, exact, atol=1e-6)
            if k >= count:
                assert {id for id, *_ in rows} == ids
            db.rollback()

        complete()


def test_a_row_that_comes_later_is_found_by_the_index(table: Table) -> None:
    index_database(table.url)
    query = np.random.default_rng(9).random(512, dtype=np.float32) * np.arange(512, dtype=np.float32)
    with open_connection(table.url) as db, db.cursor() as cursor:
        cursor.execute(
            "INSERT INTO imagenes_fer VALUES (9000, 'sad/new.jpg', 'sad', %s::real[]::vector)",
            (query.tolist(),),
        )
        cursor.execute("SET LOCAL enable_seqscan = off")
        assert uses_index(db, query)
        assert hnsw.search_index(db, hnsw.FULL_PRECISION, hnsw.query_params(query, 1, None))[0][1] == "sad/new.jpg"


def test_recall_is_measured(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    def distant_rows(db: connection, graph: object, asked: dict[str, object], ef: int) -> list[hnsw.NearestRow]:
        return hnsw.scan_table(db, asked | {"k": 20})[10:]

    with monkeypatch.context() as patched:
        patched.setattr(hnsw, "search_index", distant_rows)
        result = index_database(table.url)
    assert (result.recall_at_10, result.ef_search) == (0, 640)
    execute(table, "DELETE FROM imagenes_fer")
    empty = index_database(table.url)
    assert (empty.rows, empty.recall_at_10) == (0, None)


def test_ef_search_depends_on_the_vectors(table: Table) -> None:
    """Vectors without any likeness are hard for a graph; those of the table are easy."""
    easy = index_database(table.url)
    assert easy.ef_search == hnsw.DEFAULT_EF_SEARCH
    hard = np.random.default_rng(3).normal(size=(ROWS, 512)).astype(np.float32)
    with open_connection(table.url) as db, db.cursor() as cursor:
        cursor.execute("SELECT id FROM imagenes_fer ORDER BY id")
        for (id,), vector in zip(cursor.fetchall(), hard, strict=True):
            cursor.execute("UPDATE imagenes_fer SET vector = %s::real[]::vector WHERE id = %s", (vector.tolist(), id))
        db.commit()
    result = index_database(table.url, IndexOptions(rebuild=True))
    assert result.ef_search > hnsw.DEFAULT_EF_SEARCH
    assert result.recall_at_10 is not None and result.recall_at_10 >= 0.99
    with open_connection(table.url) as db:
        assert hnsw.usable_index(db)[1] == result.ef_search
        asked = hnsw.query_params(hard[17], 10, None)
        hnsw.nearest_rows(db, hard[17], 10)
        assert fetch_value(db, "SELECT current_setting('hnsw.ef_search')") == str(result.ef_search)
        assert {row[0] for row in hnsw.nearest_rows(db, hard[17], 10)} == {row[0] for row in hnsw.scan_table(db, asked)}
    assert index_database(table.url).ef_search == result.ef_search


@pytest.mark.parametrize(
    ("comment", "ef"),
    [("hnsw.ef_search = 80", 80), ("hnsw.ef_search = 99999", 40), ("somebody's own words", 40), ("", 40)],
)
def test_a_comment_that_is_not_ours_says_nothing(table: Table, comment: str, ef: int) -> None:
    index_database(table.url)
    with open_connection(table.url) as db, db.cursor() as cursor:
        cursor.execute(f"COMMENT ON INDEX {hnsw.FULL_PRECISION.name} IS %s", (comment,))
        assert hnsw.usable_index(db)[:2] == (hnsw.FULL_PRECISION, ef)


@pytest.mark.parametrize("indexed", [False, True])
def test_rows_of_zeros_are_near_to_nothing(laptop_url: str, indexed: bool) -> None:
    """Their cosine is NaN, which no JSON has."""
    zeros, ones = np.zeros(512, np.float32), np.ones(512, np.float32)
    with open_connection(laptop_url) as db, db.cursor() as cursor:
        rows = [(n, f"a/{n}.jpg", "a", ones if n == 7 else zeros) for n in range(1, 30)]
        cursor.copy_expert("COPY imagenes_fer (id, filepath, emotion, vector) FROM STDIN BINARY", copy_stream(rows))
        db.commit()
        if indexed:
            assert index_database(laptop_url).ef_search == hnsw.DEFAULT_EF_SEARCH
        for emotion in (None, "a"):
            assert hnsw.nearest_rows(db, ones, 5, emotion) == [(7, "a/7.jpg", "a", 0.0)]
        graph = hnsw.search_index(db, hnsw.FULL_PRECISION, hnsw.query_params(ones, 5, None))
        assert [row[0] for row in graph] == [7]


def test_an_answer_says_whether_every_row_was_compared(table: Table) -> None:
    with open_connection(table.url) as db:
        assert hnsw.nearest(db, table.vectors[0], 10)[1]
    index_database(table.url)
    with open_connection(table.url) as db, db.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off; SET enable_sort = off")
        assert not hnsw.nearest(db, table.vectors[0], 10)[1]
        assert hnsw.nearest(db, table.vectors[0], hnsw.MAX_INDEX_K + 1)[1]
