"""Map a query's columns to those of a Parquet file, as the translator says."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from psycopg2.extensions import Column as QueryColumn

from jobs.errors import ErrorKind, JobError
from jobs.pipeline.local_runner.column_types import PARQUET_TYPES, TypeName, find_read_type
from jobs.pipeline.schema import Problem, Validator, boolean, list_of, object_of, one_of, tagged, text

FORBIDDEN_CHARACTERS = re.compile(r"[\s,;{}()=]")  # in names of Parquet columns, by Data Factory

COLUMN_SCHEMA = object_of({"name": text}, {"type": one_of(*PARQUET_TYPES), "physicalType": text})


def validate_mappings(value: Any) -> Iterator[Problem]:
    """A validator: each mapping has a source and a sink, and no two have the same sink."""
    yield from list_of(object_of({"source": COLUMN_SCHEMA, "sink": COLUMN_SCHEMA}), min_items=1)(value)
    names = [mapping["sink"].get("name") for mapping in value if isinstance(mapping.get("sink"), dict)]
    yield from (("", f"gives the sink two columns {name}") for name in {*names} if names.count(name) > 1)


# Studio's defaults. A value that does not fit fails the copy here, also where Data Factory would cut it off.
CONVERSION_SCHEMA = object_of({}, {"allowDataTruncation": one_of(True), "treatBooleanAsNumber": one_of(False)})
TRANSLATOR_SCHEMA: Validator = tagged(
    {
        "TabularTranslator": object_of(
            {},
            {
                "mappings": validate_mappings,
                "typeConversion": boolean,
                "typeConversionSettings": CONVERSION_SCHEMA,
            },
        )
    }
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


def default_write_type(read: pa.DataType) -> pa.DataType:
    """A column's type in Parquet where no translator sets it: the same, but dates and times are all a DateTime."""
    return PARQUET_TYPES["DateTime"] if pa.types.is_date(read) or pa.types.is_timestamp(read) else read


def is_convertible(read: pa.DataType, write: pa.DataType) -> bool:
    """Whether values of one type can be converted to the other without the choice of a format."""
    number = pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal
    numbers = [any(test(each) for test in number) for each in (read, write)]
    whole_as_text = pa.types.is_integer(read) and pa.types.is_string(write)
    text_as_number = pa.types.is_string(read) and numbers[1]
    return default_write_type(read) == write or read == write or all(numbers) or whole_as_text or text_as_number
