"""Indexes that `index` did not make: no search trusts them, and none is counted, dropped or renamed."""

import numpy as np
import pytest

from jobs.errors import ErrorKind, JobError
from jobs.index.run import IndexOptions, index_database
from jobs.postgres import hnsw
from jobs.postgres.connection import fetch_value, open_connection
from jobs.postgres.vector_indexes import VARIANTS
from tests.jobs.cli_process import without_waits
from tests.jobs.index.clusters import ROWS, SHAPES, Table, execute

NAME, K = "made_by_hand", 10
COSINE = "vector vector_cosine_ops"
IVFFLAT = f"CREATE INDEX {NAME} ON imagenes_fer USING ivfflat ({COSINE}) WITH (lists = 200)"
HALF_IVFFLAT = (
    f"CREATE INDEX {NAME} ON imagenes_fer USING ivfflat ((vector::halfvec(512)) halfvec_cosine_ops) WITH (lists = 200)"
)
PARTIAL = f"CREATE INDEX {NAME} ON imagenes_fer USING hnsw ({COSINE}) WHERE emotion = 'sad'"
L2 = f"CREATE INDEX {NAME} ON imagenes_fer USING hnsw (vector vector_l2_ops)"
POOR = f"CREATE INDEX {NAME} ON imagenes_fer USING hnsw ({COSINE}) WITH (m = 2, ef_construction = 4)"
EXPRESSION = f"CREATE INDEX {NAME} ON imagenes_fer USING hnsw ((subvector(vector, 1, 8)::vector(8)) vector_cosine_ops)"
BITS = f"CREATE INDEX {NAME} ON imagenes_fer USING hnsw ((binary_quantize(vector)::bit(512)) bit_hamming_ops)"
ALL = {
    "ivfflat": IVFFLAT,
    "ivfflat of halfvec": HALF_IVFFLAT,
    "partial": PARTIAL,
    "L2": L2,
    "poor": POOR,
    "expression": EXPRESSION,
    "bits": BITS,
}
EACH = pytest.mark.parametrize("foreign", ALL.values(), ids=ALL.keys())
# Settings with which PostgreSQL avoids a scan, and with which an ivfflat looks into one list only.
PLANNERS = ["", "SET enable_seqscan = off; SET enable_sort = off; SET ivfflat.probes = 1; SET hnsw.ef_search = 1"]


def recall(table: Table, emotion: str | None = None) -> float:
    """The worst recall@K of 20 searches, by numpy, whatever the planner's settings."""
    shares = []
    for planner in PLANNERS:
        with open_connection(table.url) as db, db.cursor() as cursor:
            if planner:
                cursor.execute(planner)
            for query in table.vectors[:: ROWS // 10]:
                ids, _ = table.exact(query, K, emotion)
                found = {row[0] for row in hnsw.nearest_rows(db, query, K, emotion)}
                shares.append(len(found & ids) / len(ids))
    return min(shares)


def definition(table: Table) -> str | None:
    with open_connection(table.url) as db:
        text = fetch_value(db, "SELECT pg_get_indexdef(to_regclass(%s))", (NAME,))
        return str(text) if text else None


@pytest.mark.parametrize(
    ("name", "halfvec"), [*((name, False) for name in ALL), ("ivfflat of halfvec", True), ("poor", True)]
)
def test_an_index_beside_ours_is_left_alone_and_not_trusted(table: Table, name: str, halfvec: bool) -> None:
    execute(table, ALL[name])
    before = definition(table)
    options = IndexOptions(halfvec=halfvec)
    first = index_database(table.url, options)
    assert first.built and first.left_alone == [NAME]
    assert recall(table) >= 0.9 and recall(table, "sad") >= 0.9
    assert not index_database(table.url, options).built
    assert definition(table) == before
    with open_connection(table.url) as db:
        assert [index.variant for index in hnsw.list_indexes(db) if index.variant] == [VARIANTS[halfvec]]


@EACH
def test_an_index_without_ours_is_not_trusted(table: Table, foreign: str) -> None:
    execute(table, foreign)
    for emotion in (None, "happy", "sad"):
        assert recall(table, emotion) == 1


def test_the_index_in_the_way_is_named_and_the_command_ends_it(
    table: Table, capsys: pytest.CaptureFixture[str]
) -> None:
    execute(table, IVFFLAT)
    result = index_database(table.url)
    assert result.recall_at_10 is None  # no search uses it: that of the scan is not its recall
    said = capsys.readouterr().err
    assert f"answers with {NAME}" in said and f"{NAME} ON public.imagenes_fer USING ivfflat" in said
    with open_connection(table.url) as db:
        hnsw.nearest_rows(db, table.vectors[0], K)
    (line,) = without_waits(capsys.readouterr().err)
    assert NAME in line
    execute(table, line.split("`")[3])
    assert index_database(table.url).recall_at_10 is not None
    with open_connection(table.url) as db:
        hnsw.nearest_rows(db, table.vectors[0], K)
    assert not without_waits(capsys.readouterr().err)


@SHAPES
def test_ours_that_is_not_complete_is_not_trusted_and_built_again(table: Table, halfvec: bool) -> None:
    """As a killed CREATE INDEX CONCURRENTLY leaves it."""
    variant, options = VARIANTS[halfvec], IndexOptions(halfvec=halfvec)
    index_database(table.url, options)
    execute(
        table,
        IVFFLAT,
        f"UPDATE pg_index SET indisvalid = false, indisready = false WHERE indexrelid = '{variant.name}'::regclass",
    )
    assert recall(table) == 1
    assert index_database(table.url, options).built
    with open_connection(table.url) as db:
        assert hnsw.usable_index(db)[0] is variant
    assert definition(table)


@pytest.mark.parametrize("foreign", [PARTIAL, L2, IVFFLAT, "CREATE TABLE made_by_hand (id int)"])
def test_an_index_of_our_name_is_not_ours(table: Table, foreign: str) -> None:
    execute(table, foreign.replace(NAME, hnsw.FULL_PRECISION.name))
    assert recall(table) == 1
    with pytest.raises(JobError, match="RENAME TO") as refused:
        index_database(table.url)
    assert refused.value.kind is ErrorKind.conflict
    execute(table, str(refused.value).split("`")[1])
    assert index_database(table.url).built
    assert recall(table) >= 0.9


def test_vectors_move_into_their_rows_without_dropping_an_index(table: Table) -> None:
    execute(
        table,
        L2,
        "ALTER TABLE imagenes_fer RESET (toast_tuple_target)",
        "UPDATE imagenes_fer SET vector = vector::real[]::vector WHERE id < 500",
        "ALTER TABLE imagenes_fer SET (toast_tuple_target = 8160)",
    )
    before = definition(table)
    assert index_database(table.url).left_alone == [NAME]
    assert definition(table) == before


def test_the_extension_may_be_in_another_schema(table: Table) -> None:
    execute(table, "CREATE SCHEMA extensions", "ALTER EXTENSION vector SET SCHEMA extensions")
    for halfvec in (False, True):
        assert index_database(table.url, IndexOptions(halfvec=halfvec)).built
        assert not index_database(table.url, IndexOptions(halfvec=halfvec)).built
        with open_connection(table.url) as db:
            assert hnsw.usable_index(db)[0] is VARIANTS[halfvec]
        assert recall(table) >= 0.9


def test_a_policy_hides_rows_and_the_nearest_of_the_others_are_found(table: Table) -> None:
    index_database(table.url)
    execute(
        table,
        "ALTER TABLE imagenes_fer ENABLE ROW LEVEL SECURITY",
        "CREATE POLICY each_fiftieth ON imagenes_fer USING (id % 50 = 0)",
        "CREATE ROLE reader_of_search",
        "GRANT SELECT ON imagenes_fer TO reader_of_search",
    )
    try:
        seen = np.arange(1, ROWS + 1) % 50 == 0
        hidden = Table(table.url, table.vectors, np.where(seen, "seen", "hidden"))
        for planner in PLANNERS:
            with open_connection(table.url) as db, db.cursor() as cursor:
                cursor.execute("SET ROLE reader_of_search;" + planner)
                for query in table.vectors[::500]:
                    found = {row[0] for row in hnsw.nearest_rows(db, query, K)}
                    assert found == hidden.exact(query, K, "seen")[0]
    finally:
        execute(table, "DROP OWNED BY reader_of_search", "DROP ROLE reader_of_search")
