"""PostgreSQL's types in Parquet, read from the real server."""

import datetime
from collections.abc import Iterator
from decimal import Decimal
from threading import Event
from typing import Any

import pyarrow as pa
import pytest

from jobs.errors import JobError
from jobs.pipeline.local_runner.attempts import Attempt
from jobs.pipeline.local_runner.columns import FORBIDDEN_CHARACTERS, is_convertible, select_columns
from jobs.pipeline.local_runner.datasets import Table
from jobs.pipeline.local_runner.table_rows import Query, open_selection

ATTEMPT = Attempt(float("inf"), "", Event(), print)
UTC = datetime.UTC


@pytest.fixture
def column(cloud_url: str) -> Iterator[Any]:
    """The Parquet column of one value in SQL, with the sink's type where one is given."""

    def read(value: str, sink: str | None = None) -> pa.Array:
        translator = {
            "mappings": [{"source": {"name": "x"}, "sink": {"name": "y", **({"type": sink} if sink else {})}}]
        }
        query = Query(Table(cloud_url, 0, ()), f"SELECT {value} AS x", 60)
        with open_selection(query, ATTEMPT) as selection:
            (column,) = select_columns(selection.columns, translator, selection.type_name)
            assert column.name == "y"
            return column.to_array([row[column.index] for batch in selection.batches for row in batch])

    yield read


@pytest.mark.parametrize(
    ("sql", "kind", "value"),
    [
        ("9223372036854775807::bigint", pa.int64(), 9223372036854775807),
        ("7::int", pa.int32(), 7),
        ("7::smallint", pa.int16(), 7),
        ("0.1::real", pa.float32(), pytest.approx(0.1)),
        ("0.1::double precision", pa.float64(), 0.1),
        ("true", pa.bool_(), True),
        ("NULL::text", pa.string(), None),
        ("'ñ'::text", pa.string(), "ñ"),
        ("'a'::varchar(5)", pa.string(), "a"),
        ("'a'::char(3)", pa.string(), "a  "),
        ("'a'::name", pa.string(), "a"),
        ("""'{"a": 1}'::json""", pa.string(), '{"a": 1}'),
        ("""'{"a": 1}'::jsonb""", pa.string(), '{"a": 1}'),
        ("'12.34'::numeric(10, 2)", pa.decimal128(10, 2), Decimal("12.34")),
        ("'\\x00ff'::bytea", pa.binary(), b"\x00\xff"),
        ("NULL::bytea", pa.binary(), None),
        ("'2026-01-02'::date", pa.timestamp("us"), datetime.datetime(2026, 1, 2)),
        ("'2026-01-02 03:04:05.000006'::timestamp", pa.timestamp("us"), datetime.datetime(2026, 1, 2, 3, 4, 5, 6)),
        ("'2026-01-02 03:00+02'::timestamptz", pa.timestamp("us", "UTC"), datetime.datetime(2026, 1, 2, 1, tzinfo=UTC)),
        ("'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid", pa.string(), "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
    ],
)
def test_types(column: Any, sql: str, kind: pa.DataType, value: Any) -> None:
    array = column(sql)
    assert array.type == kind
    assert array.to_pylist() == [value]


@pytest.mark.parametrize(
    ("sql", "sink", "value"),
    [
        ("7::int", "Int64", 7),
        ("7::bigint", "Int16", 7),
        ("7::bigint", "String", "7"),
        ("7::int", "Double", 7.0),
        ("'7'::text", "Int32", 7),
        ("'1.5'::numeric(3, 1)", "Double", 1.5),
        ("'1.5'::numeric(3, 1)", "Decimal", Decimal("1.5")),
        ("'2026-01-02'::date", "DateTime", datetime.datetime(2026, 1, 2)),
        ("'x'::text", "Guid", "x"),
    ],
)
def test_the_sink_s_type_is_used(column: Any, sql: str, sink: str, value: Any) -> None:
    assert column(sql, sink).to_pylist() == [value]


@pytest.mark.parametrize(
    ("sql", "sink", "message"),
    [
        ("70000::int", "Int16", "Column y: a value does not fit int16"),
        ("1.5::real", "Int32", "Column y: a value does not fit int32"),
        ("'seven'::text", "Int32", "Column y: a value does not fit int32"),
        ("true", "Int32", "Column x cannot be converted to Int32"),
        ("now()", "String", "Column x cannot be converted to String"),
        ("'a'::text", "Byte[]", "Column x cannot be converted to"),
        ("'[1]'::vector", "String", r"of type vector, which Data Factory cannot read: cast it in the query, x::text"),
        ("interval '1 day'", None, "of type interval, which"),
        ("'12:00'::time", None, "of type time without time zone, which"),
        ("'1'::numeric(39, 1)", None, "numeric of any width"),
    ],
)
def test_what_cannot_be_converted(column: Any, sql: str, sink: str | None, message: str) -> None:
    with pytest.raises(JobError, match=message.replace("[", r"\[")):
        column(sql, sink)


def test_forbidden_names_of_parquet_columns() -> None:
    assert [
        name for name in ("id", "a b", "a;b", "(a)", "a=b", "a\tb", "naïve", "a.b") if FORBIDDEN_CHARACTERS.search(name)
    ] == [
        "a b",
        "a;b",
        "(a)",
        "a=b",
        "a\tb",
    ]


def test_no_conversion_needs_a_format() -> None:
    assert not is_convertible(pa.timestamp("us"), pa.string())
    assert not is_convertible(pa.bool_(), pa.string())
    assert not is_convertible(pa.float64(), pa.string())
