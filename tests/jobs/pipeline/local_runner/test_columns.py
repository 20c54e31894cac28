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
        ("""'{"a": 1}'::json""", pa.string(), '{"a": 1}'),
        ("""'{"a": 1}'::jsonb""", pa.string(), '{"a": 1}'),
        ("'12.34'::numeric(10, 2)", pa.decimal128(10, 2), Decimal("12.34")),
        ("'\\x00ff'::bytea", pa.binary(), b"\x00\xff"),
        ("NULL::bytea", pa.binary(), None),
        ("'2026-01-02'::date", pa.timestamp("us"), datetime.datetime(2026, 1, 2)),
        ("'2026-01-02 03:04:05.000006'::timestamp", pa.timestamp("us"), datetime.datetime(2026, 1, 2, 3, 4, 5, 6)),
        ("'2026-01-02 03:00+02'::timestamptz", pa.timestamp("us"), datetime.datetime(2026, 1, 2, 1)),
        ("NULL::timestamptz", pa.timestamp("us"), None),
        (f"'{'9' * 18}.{'9' * 10}'::numeric(28, 10)", pa.decimal128(28, 10), Decimal(f"{'9' * 18}.{'9' * 10}")),
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
        ("'2026-01-02 03:00+02'::timestamptz", "DateTime", datetime.datetime(2026, 1, 2, 1)),
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
        ("'[1]'::vector", "String", r"of type vector, which is not among the types .*: cast it in the query, x::text"),
        ("'a'::name", None, "of type name, which is not among the types that Data Factory reads"),
        ("ARRAY['[1]'::vector]", None, "of type vector[], which is not among the types that Data Factory reads"),
        ("'1'::numeric(29, 1)", None, r"x is a numeric of 29 digits, and Data Factory reads at most 28: cast it"),
        ("'1'::numeric(39, 1)", None, "x is a numeric of 39 digits, and Data Factory reads at most 28"),
        ("'0.00001'::numeric(3, 5)", None, r"x is a numeric\(3, 5\), and Parquet has none with that scale"),
        ("'1'::numeric(3, -1)", None, r"and Parquet has none with that scale"),
        (
            "'1'::numeric",
            None,
            r"without a width, and the local runner needs one: .*, x::numeric\(28, 10\), or x::text",
        ),
    ],
)
def test_what_cannot_be_converted(column: Any, sql: str, sink: str | None, message: str) -> None:
    with pytest.raises(JobError, match=message.replace("[", r"\[")):
        column(sql, sink)


@pytest.mark.parametrize(
    ("sql", "name", "read_as", "cast"),
    [
        ("interval '1 day'", "interval", "TimeSpan", "text"),
        ("'12:00'::time", "time without time zone", "TimeSpan", "text"),
        ("'12:00+01'::timetz", "time with time zone", "DateTimeOffset", "text"),
        ("'127.0.0.1'::inet", "inet", "String", "text"),
        ("'10.0.0.0/8'::cidr", "cidr", "String", "text"),
        ("12.5::money", "money", "Decimal", "numeric(28, 10)"),
        ("NULL::xml", "xml", "String", "text"),
        ("ARRAY[1]", "integer[]", "String", "text"),
        ("ARRAY['a']::varchar(5)[]", "character varying[]", "String", "text"),
        ("ARRAY['127.0.0.1'::inet]", "inet[]", "String", "text"),
        ("B'101'", "bit", "Byte[]", "text"),
        ("B'101'::varbit", "bit varying", "Byte[]", "text"),
        ("'(1,2)'::point", "point", "String", "text"),
        ("int4range(1, 2)", "int4range", "String", "text"),
        ("to_tsvector('a')", "tsvector", "String", "text"),
        ("'08:00:2b:01:02:03'::macaddr", "macaddr", "String", "text"),
    ],
)
def test_types_that_only_the_local_runner_does_not_read(
    column: Any, sql: str, name: str, read_as: str, cast: str
) -> None:
    with pytest.raises(JobError) as error:
        column(sql)
    assert str(error.value) == (
        f"Column x is of type {name}, which Data Factory reads as {read_as} and only the local runner does not read: "
        f"cast it in the query, x::{cast}."
    )
    assert len(column(f"({sql})::{cast}")) == 1


@pytest.mark.parametrize("sql", ["'1'::numeric", "'1'::numeric(39, 1)"])
def test_the_casts_of_a_wide_numeric_are_read(column: Any, sql: str) -> None:
    assert column(f"({sql})::numeric(28, 10)").to_pylist() == [Decimal(1)]
    assert column(f"({sql})::text").to_pylist()[0].startswith("1")


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
