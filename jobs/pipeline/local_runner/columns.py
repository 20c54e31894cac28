"""Map a query's columns to those of a Parquet file: PostgreSQL types, Data Factory's types, and the translator."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import pyarrow as pa
from psycopg2.extensions import Column as QueryColumn

from jobs.errors import ErrorKind, JobError
from jobs.pipeline.schema import Problem, Validator, boolean, list_of, object_of, one_of, tagged, text

TypeName: TypeAlias = Callable[[int], str]

# Data Factory's names of types, as translators write them: the type in Parquet.
PARQUET_TYPES: Mapping[str, pa.DataType] = {
    "Boolean": pa.bool_(),
    "Byte[]": pa.binary(),
    "DateTime": pa.timestamp("us"),
    "DateTimeOffset": pa.timestamp("us", tz="UTC"),
    "Decimal": pa.decimal128(38, 18),
    "Double": pa.float64(),
    "Guid": pa.string(),
    "Int16": pa.int16(),
    "Int32": pa.int32(),
    "Int64": pa.int64(),
    "Single": pa.float32(),
    "String": pa.string(),
}
# OIDs of pg_type, for the types that Data Factory reads: the name of the type in Data Factory. It does not read
# pgvector's `vector`, and the form in which it reads arrays is not documented.
POSTGRES_TYPES = {
    16: "Boolean",
    17: "Byte[]",
    18: "String",  # "char"
    19: "String",  # name
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
    1184: "DateTimeOffset",
    1700: "Decimal",
    2950: "Guid",
    3802: "String",  # jsonb
}
DATE, NUMERIC = 1082, 1700
MAX_DECIMAL_DIGITS = 38
FORBIDDEN_CHARACTERS = re.compile(r"[\s,;{}()=]")  # in names of Parquet columns, by Data Factory

COLUMN_SCHEMA = object_of({"name": text}, {"type": one_of(*PARQUET_TYPES), "physicalType": text})


def validate_mappings(value: Any) -> Iterator[Problem]:
    """A validator: each mapping has a source and a sink, and no two have the same sink."""
    yield from list_of(object_of({"source": COLUMN_SCHEMA, "sink": COLUMN_SCHEMA}), min_items=1)(value)
    names = [mapping["sink"].get("name") for mapping in value if isinstance(mapping.get("sink"), dict)]
    yield from (("", f"gives the sink two columns {name}") for name in {*names} if names.count(name) > 1)


TRANSLATOR_SCHEMA: Validator = tagged(
    {"TabularTranslator": object_of({}, {"mappings": validate_mappings, "typeConversion": boolean})}
)


@dataclass(frozen=True)
class Column:
    """One column of the Parquet file. `index` is its position in the query's rows, `read_type` its type there."""

    index: int
    name: str
    read_type: pa.DataType
    write_type: pa.DataType

    def to_array(self, values: Sequence[Any]) -> pa.Array:
        """The column's values of one row group. Raises JobError where a value does not fit the sink's type."""
        if pa.types.is_binary(self.read_type):
            values = [None if value is None else bytes(value) for value in values]
        try:
            return pa.array(values, self.read_type).cast(self.write_type)
        except (pa.ArrowException, OverflowError) as error:
            reason = str(error)[:100]
            raise JobError(
                f"Column {self.name}: a value does not fit {self.write_type} ({reason}): cast it in the query.",
                ErrorKind.invalid,
            ) from error


def select_columns(
    query_columns: Sequence[QueryColumn], translator: Mapping[str, Any] | None, type_name: TypeName
) -> list[Column]:
    """The columns to write, in the translator's order, or in the query's where there is no translator.

    `type_name` returns a type's name by its OID. Raises JobError for what Data Factory cannot copy either.
    """
    names = [each.name for each in query_columns]
    if not names:
        raise JobError("The query returns no columns: name some after SELECT.", ErrorKind.invalid)
    repeated = {name for name in names if names.count(name) > 1}
    if repeated:
        raise JobError(
            f"The query returns more than one column {', '.join(sorted(repeated))}: name them with AS.",
            ErrorKind.invalid,
        )
    mappings = (translator or {}).get("mappings") or [
        {"source": {"name": name}, "sink": {"name": name}} for name in names
    ]
    selected = []
    for mapping in mappings:
        source, sink = mapping["source"]["name"], mapping["sink"]["name"]
        if source not in names:
            raise JobError(
                f"The translator maps {source}, and the query returns {', '.join(names)}: change one of them.",
                ErrorKind.invalid,
            )
        if FORBIDDEN_CHARACTERS.search(sink):
            raise JobError(
                f"{sink!r} cannot name a column of a Parquet file: choose a name without spaces and ,;{{}}()=",
                ErrorKind.invalid,
            )
        selected.append(
            build_column(names.index(source), query_columns[names.index(source)], mapping["sink"], type_name)
        )
    return selected


def build_column(index: int, query_column: QueryColumn, sink: Mapping[str, str], type_name: TypeName) -> Column:
    read = find_read_type(query_column, type_name)
    write = PARQUET_TYPES[sink["type"]] if "type" in sink else default_write_type(read)
    if not is_convertible(read, write):
        raise JobError(
            f"Column {query_column.name} cannot be converted to {sink['type']}: cast it in the query, or map its type.",
            ErrorKind.invalid,
        )
    return Column(index, sink["name"], read, write)


def find_read_type(query_column: QueryColumn, type_name: TypeName) -> pa.DataType:
    oid = query_column.type_code
    if oid not in POSTGRES_TYPES:
        raise JobError(
            f"Column {query_column.name} is of type {type_name(oid)}, which Data Factory cannot read: "
            f"cast it in the query, {query_column.name}::text.",
            ErrorKind.invalid,
        )
    if oid == NUMERIC:
        if not query_column.precision or query_column.precision > MAX_DECIMAL_DIGITS:
            raise JobError(
                f"Column {query_column.name} is a numeric of any width: cast it, {query_column.name}::numeric(38, 18).",
                ErrorKind.invalid,
            )
        return pa.decimal128(query_column.precision, query_column.scale)
    return pa.date32() if oid == DATE else PARQUET_TYPES[POSTGRES_TYPES[oid]]


def default_write_type(read: pa.DataType) -> pa.DataType:
    """A column's type in Parquet where no translator sets it: the same, but Data Factory has dates only with a time."""
    return PARQUET_TYPES["DateTime"] if pa.types.is_date(read) else read


def is_convertible(read: pa.DataType, write: pa.DataType) -> bool:
    """Whether values of one type can be converted to the other without the choice of a format."""
    number = pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal
    numbers = [any(test(each) for test in number) for each in (read, write)]
    whole_as_text = pa.types.is_integer(read) and pa.types.is_string(write)
    text_as_number = pa.types.is_string(read) and numbers[1]
    return default_write_type(read) == write or read == write or all(numbers) or whole_as_text or text_as_number
