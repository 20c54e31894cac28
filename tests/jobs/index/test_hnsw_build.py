"""pgvector's HNSW: when it is built, on which numbers, and with which resources."""

import numpy as np
import pytest
from psycopg2.extensions import connection

from jobs.errors import JobError
from jobs.index import hnsw_build
from jobs.index.run import IndexOptions, index_database
from jobs.postgres import hnsw
from jobs.postgres.connection import fetch_value, open_connection
from tests.jobs.index.clusters import ROWS, SHAPES, Table, execute, pretend


@SHAPES
def test_it_is_built_once_and_again_on_request(table: Table, halfvec: bool) -> None:
    options = IndexOptions(halfvec=halfvec)
    first = index_database(table.url, options)
    assert (first.rows, first.built, first.halfvec) == (ROWS, True, halfvec)
    assert first.recall_at_10 is not None and first.recall_at_10 >= 0.99
    assert not index_database(table.url, options).built
    assert index_database(table.url, IndexOptions(halfvec=halfvec, rebuild=True)).built
    assert index_database(table.url, IndexOptions(halfvec=not halfvec)).built
    with open_connection(table.url) as db:
        assert len(hnsw.list_indexes(db)) == 1
        assert hnsw.usable_index(db)[0] is (hnsw.FULL_PRECISION if halfvec else hnsw.HALF_PRECISION)


def test_an_incomplete_index_is_built_again(table: Table) -> None:
    index_database(table.url)
    execute(table, f"UPDATE pg_index SET indisvalid = false WHERE indexrelid = '{hnsw.FULL_PRECISION.name}'::regclass")
    with open_connection(table.url) as db:
        assert hnsw.usable_index(db)[0] is None
        assert len(hnsw.nearest_rows(db, table.vectors[0], 5)) == 5
    assert index_database(table.url).built
    with open_connection(table.url) as db:
        assert hnsw.list_indexes(db)[0][2]


def test_half_the_numbers_half_the_size_and_distances_as_exact(table: Table) -> None:
    sizes = []
    for halfvec in (False, True):
        index_database(table.url, IndexOptions(halfvec=halfvec))
        with open_connection(table.url) as db:
            name = hnsw.list_indexes(db)[0][0]
            sizes.append(int(fetch_value(db, "SELECT pg_relation_size(%s::regclass)", (name,))))
            rows = hnsw.search_index(
                db,
                hnsw.HALF_PRECISION if halfvec else hnsw.FULL_PRECISION,
                hnsw.query_params(table.vectors[7], 10, None),
            )
            assert np.allclose([d for *_, d in rows], table.exact(table.vectors[7], 10, None)[1], atol=1e-6)
    assert sizes[1] < 0.6 * sizes[0]


@pytest.mark.parametrize(("version", "warned"), [("0.8.3", True), ("0.8.4", False), ("0.10.0", False)])
def test_an_old_pgvector_is_reported(
    table: Table, version: str, warned: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    pretend(table, version)
    index_database(table.url)
    warnings = [line for line in capsys.readouterr().err.splitlines() if "ALTER EXTENSION vector UPDATE" in line]
    assert len(warnings) == warned
    assert not warned or version in warnings[0]


def test_a_pgvector_without_halfvec_is_reported(table: Table) -> None:
    pretend(table, "0.6.2")
    with pytest.raises(JobError, match="without --halfvec"):
        index_database(table.url, IndexOptions(halfvec=True))


def test_parallel_builds_wait_for_a_pgvector_that_can(table: Table) -> None:
    with open_connection(table.url) as db:
        workers = hnsw_build.plan_resources(db, hnsw.FULL_PRECISION, ROWS).workers
        assert workers == min(2, (hnsw_build.os.cpu_count() or 1) - 1)
    pretend(table, "0.8.1")
    with open_connection(table.url) as db:
        assert hnsw_build.plan_resources(db, hnsw.FULL_PRECISION, ROWS).workers == 0


def test_memory_grows_with_the_rows_within_what_the_server_has(table: Table) -> None:
    mib = 1024 * 1024
    with open_connection(table.url) as db, db.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '64MB'; SET effective_cache_size = '1536MB'")  # a B1ms of 2 GiB
        assert hnsw_build.plan_resources(db, hnsw.FULL_PRECISION, 100).memory == 64 * mib
        assert hnsw_build.plan_resources(db, hnsw.FULL_PRECISION, 100_000).memory == 100_000 * 2356
        assert hnsw_build.plan_resources(db, hnsw.HALF_PRECISION, 100_000).memory == 100_000 * 1332
        assert hnsw_build.plan_resources(db, hnsw.FULL_PRECISION, 10_000_000).memory == 384 * mib
        cursor.execute("SET maintenance_work_mem = '512MB'")
        assert hnsw_build.plan_resources(db, hnsw.FULL_PRECISION, 10_000_000).memory == 512 * mib


def test_the_build_uses_what_was_worked_out(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []

    def watched(db: connection, *others: object) -> None:
        ran.append(
            fetch_value(
                db,
                "SELECT current_setting('maintenance_work_mem') || ' ' || "
                "current_setting('max_parallel_maintenance_workers')",
            )
        )
        real(db, *others)  # type: ignore[arg-type]

    real = hnsw_build.run_with_progress
    monkeypatch.setattr(hnsw_build, "run_with_progress", watched)
    monkeypatch.setattr(hnsw_build, "plan_resources", lambda *given: hnsw_build.BuildResources(96 * 1024 * 1024, 0))
    index_database(table.url)
    assert ran == ["96MB 0"]


def test_vectors_from_before_the_setting_move_into_their_rows(table: Table, capsys: pytest.CaptureFixture[str]) -> None:
    execute(
        table,
        "ALTER TABLE imagenes_fer RESET (toast_tuple_target)",
        "UPDATE imagenes_fer SET vector = vector::real[]::vector",
        "ALTER TABLE imagenes_fer SET (toast_tuple_target = 8160)",
    )
    beside = "SELECT count(*) FROM imagenes_fer WHERE pg_column_toast_chunk_id(vector) IS NOT NULL"
    with open_connection(table.url) as db:
        assert fetch_value(db, beside) == ROWS
    index_database(table.url)
    assert "moved into them" in capsys.readouterr().err
    with open_connection(table.url) as db, db.cursor() as cursor:
        assert fetch_value(db, beside) == 0
        cursor.execute("SELECT vector::real[] FROM imagenes_fer ORDER BY id")
        assert np.array_equal(np.array([row[0] for row in cursor], np.float32), table.vectors)
    index_database(table.url)
    assert "moved into them" not in capsys.readouterr().err
