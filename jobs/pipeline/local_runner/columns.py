"""From a query's columns to a Parquet file's: PostgreSQL types, Data Factory's types, and the translator between."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import pyarrow as pa
from psycopg2.extensions import Column as Described

from jobs.errors import JobError
from jobs.pipeline.schema import Problem, Rule, fields, flag, items, one_of, tagged, text

NameOf: TypeAlias = Callable[[int], str]

# Data Factory's names for types, as translators write them, and what they are in Parquet.
TYPES: Mapping[str, pa.DataType] = {
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
# PostgreSQL's own types, by their numbers in pg_type, that Data Factory reads. A pgvector `vector` is none of them, and
# arrays come out in a form that nobody has written down.
POSTGRES = {
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
WIDEST_DECIMAL = 38
FORBIDDEN = re.compile(r"[\s,;{}()=]")  # in the names of Parquet columns, says Data Factory

END = fields({"name": text}, {"type": one_of(*TYPES), "physicalType": text})


def mappings(value: Any) -> Iterator[Problem]:
    """A rule: source and sink of each column, no sink twice."""
    yield from items(fields({"source": END, "sink": END}), least=1)(value)
    names = [mapping["sink"].get("name") for mapping in value if isinstance(mapping.get("sink"), dict)]
    yield from (("", f"gives the sink two columns {name}") for name in {*names} if names.count(name) > 1)


TRANSLATOR: Rule = tagged({"TabularTranslator": fields({}, {"mappings": mappings, "typeConversion": flag})})


@dataclass(frozen=True)
class Column:
    """One column of the Parquet file: `at` is its place in a row, `read` the type its values have there."""

    at: int
    name: str
    read: pa.DataType
    write: pa.DataType

    def array(self, values: Sequence[Any]) -> pa.Array:
        """The values of a row group. Raises Failure where one does not fit the sink's type."""
        if pa.types.is_binary(self.read):
            values = [None if value is None else bytes(value) for value in values]
        try:
            return pa.array(values, self.read).cast(self.write)
        except (pa.ArrowException, OverflowError) as error:
            said = str(error)[:100]
            raise JobError(f"Column {self.name}: a value is no {self.write} ({said}): cast it in the query.") from error


def columns(described: Sequence[Described], translator: Mapping[str, Any] | None, name_of: NameOf) -> list[Column]:
    """The columns to write, in the translator's order, or the query's own where there is none.

    `name_of` gives a type's name by its number. Raises Failure for what Data Factory could not copy either.
    """
    names = [each.name for each in described]
    if not names:
        raise JobError("The query gives no columns: name some behind its SELECT.")
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise JobError(f"The query gives more than one column {', '.join(sorted(twice))}: name them with AS.")
    chosen = (translator or {}).get("mappings") or [
        {"source": {"name": name}, "sink": {"name": name}} for name in names
    ]
    found = []
    for mapping in chosen:
        source, sink = mapping["source"]["name"], mapping["sink"]["name"]
        if source not in names:
            raise JobError(f"The translator maps {source}, and the query gives {', '.join(names)}: mend one of them.")
        if FORBIDDEN.search(sink):
            raise JobError(f"{sink!r} cannot name a column of a Parquet file: name it without spaces and ,;{{}}()=")
        found.append(column(names.index(source), described[names.index(source)], mapping["sink"], name_of))
    return found


def column(at: int, described: Described, sink: Mapping[str, str], name_of: NameOf) -> Column:
    read = read_type(described, name_of)
    write = TYPES[sink["type"]] if "type" in sink else stored(read)
    if not convertible(read, write):
        raise JobError(f"Column {described.name} cannot become {sink['type']}: cast it in the query, or map its type.")
    return Column(at, sink["name"], read, write)


def read_type(described: Described, name_of: NameOf) -> pa.DataType:
    number = described.type_code
    if number not in POSTGRES:
        raise JobError(
            f"Column {described.name} is of type {name_of(number)}, which Data Factory cannot read: "
            f"cast it in the query, {described.name}::text."
        )
    if number == NUMERIC:
        if not described.precision or described.precision > WIDEST_DECIMAL:
            raise JobError(
                f"Column {described.name} is a numeric of any width: cast it, {described.name}::numeric(38, 18)."
            )
        return pa.decimal128(described.precision, described.scale)
    return pa.date32() if number == DATE else TYPES[POSTGRES[number]]


def stored(read: pa.DataType) -> pa.DataType:
    """What a column becomes where no translator says: itself, but for dates, which Data Factory has with a time."""
    return TYPES["DateTime"] if pa.types.is_date(read) else read


def convertible(read: pa.DataType, write: pa.DataType) -> bool:
    """Whether values can change from one type to the other without a format that somebody would have to choose."""
    number = pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal
    numbers = [any(test(each) for test in number) for each in (read, write)]
    whole_as_text = pa.types.is_integer(read) and pa.types.is_string(write)
    text_as_number = pa.types.is_string(read) and numbers[1]
    return stored(read) == write or read == write or all(numbers) or whole_as_text or text_as_number
