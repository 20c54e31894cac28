"""The types of columns: PostgreSQL's, Data Factory's, and Parquet's.

Data Factory's table: https://learn.microsoft.com/azure/data-factory/connector-postgresql#data-type-mapping-for-postgresql
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

import pyarrow as pa
from psycopg2.extensions import Column as QueryColumn

from jobs.errors import ErrorKind, JobError

TypeName: TypeAlias = Callable[[int], str]

# Data Factory's names of types, as translators write them: the type in Parquet.
PARQUET_TYPES: Mapping[str, pa.DataType] = {
    "Boolean": pa.bool_(),
    "Byte[]": pa.binary(),
    "DateTime": pa.timestamp("us"),
    "Decimal": pa.decimal128(38, 18),
    "Double": pa.float64(),
    "Guid": pa.string(),
    "Int16": pa.int16(),
    "Int32": pa.int32(),
    "Int64": pa.int64(),
    "Single": pa.float32(),
    "String": pa.string(),
}
# OIDs of pg_type, for the types that the local runner reads: the name of the type in Data Factory.
POSTGRES_TYPES = {
    16: "Boolean",
    17: "Byte[]",
    20: "Int64",
    21: "Int16",
    23: "Int32",
    25: "String",
    114: "String",  # json
    700: "Single",
    701: "Double",
    1042: "String",  # char(n)
    1043: "String",  # varchar(n)
    1082: "DateTime",  # date
    1114: "DateTime",
    1184: "DateTime",  # with time zone: the time in UTC
    1700: "Decimal",
    2950: "Guid",
    3802: "String",  # jsonb
}
DATE, TIMESTAMP_WITH_TIME_ZONE, NUMERIC = 1082, 1184, 1700
# Data Factory's decimals are .NET's: of 28 digits. It reads no wider ones.
MAX_DECIMAL_DIGITS = 28
MAX_POSTGRES_DIGITS = 1000  # of a numeric that has a width
NUMERIC_ADVICE = "numeric(28, 10)"
# What else is in Data Factory's table, by PostgreSQL's name, and an array of any of them, which is a String.
OTHER_TYPES: Mapping[str, str] = {
    **dict.fromkeys(("point", "line", "lseg", "box", "path", "polygon", "circle"), "String"),
    **dict.fromkeys(("cidr", "inet", "macaddr", "macaddr8", "tsvector", "tsquery", "xml"), "String"),
    **dict.fromkeys(("int4range", "int8range", "numrange", "tsrange", "tstzrange", "daterange"), "String"),
    **dict.fromkeys(("bit", "bit varying"), "Byte[]"),
    "interval": "TimeSpan",
    "money": "Decimal",
    "time with time zone": "DateTimeOffset",
    "time without time zone": "TimeSpan",
}
CASTS = {"money": NUMERIC_ADVICE}  # the type to cast to, where it is not text


def find_read_type(query_column: QueryColumn, type_name: TypeName) -> pa.DataType:
    """The type of a query's column in memory. Raises JobError with the cast for one that is not read."""
    oid = query_column.type_code
    if oid not in POSTGRES_TYPES:
        raise JobError(describe_unread_type(query_column.name, type_name(oid)), ErrorKind.invalid)
    if oid == NUMERIC:
        return find_decimal_type(query_column)
    if oid == TIMESTAMP_WITH_TIME_ZONE:
        return pa.timestamp("us", "UTC")
    return pa.date32() if oid == DATE else PARQUET_TYPES[POSTGRES_TYPES[oid]]


def describe_unread_type(name: str, postgres_type: str) -> str:
    """Whether Data Factory reads a type or not, and the cast that gives the same column here and there."""
    element = postgres_type.removesuffix("[]")
    known = OTHER_TYPES.get(postgres_type)
    if element != postgres_type and (element in OTHER_TYPES or element in READ_NAMES):
        known = "String"
    about = f"which Data Factory reads as {known} and only the local runner does not read" if known else NOT_LISTED
    advice = f"cast it in the query, {name}::{CASTS.get(postgres_type, 'text')}"
    return f"Column {name} is of type {postgres_type}, {about}: {advice}."


NOT_LISTED = "which is not among the types that Data Factory reads"
# PostgreSQL's names of the types in POSTGRES_TYPES, which stand in the names of arrays.
READ_NAMES = {
    *("bigint", "smallint", "integer", "text", "json", "jsonb", "real", "double precision", "boolean", "bytea"),
    *("character", "character varying", "date", "numeric", "uuid"),
    *("timestamp without time zone", "timestamp with time zone"),
}


def find_decimal_type(query_column: QueryColumn) -> pa.DataType:
    """The type of a numeric of at most MAX_DECIMAL_DIGITS digits."""
    name, precision, scale = query_column.name, query_column.precision, query_column.scale or 0
    advice = f"cast it in the query, {name}::{NUMERIC_ADVICE}, or {name}::text to keep every digit"
    if not precision or precision > MAX_POSTGRES_DIGITS:
        raise JobError(
            f"Column {name} is a numeric without a width, and the local runner needs one: {advice}.", ErrorKind.invalid
        )
    if precision > MAX_DECIMAL_DIGITS:
        raise JobError(
            f"Column {name} is a numeric of {precision} digits, and Data Factory reads at most {MAX_DECIMAL_DIGITS}: "
            f"{advice}.",
            ErrorKind.invalid,
        )
    if not 0 <= scale <= precision:
        raise JobError(
            f"Column {name} is a numeric({precision}, {scale}), and Parquet has none with that scale: {advice}.",
            ErrorKind.invalid,
        )
    return pa.decimal128(precision, scale)
