"""The columns of imagenes_fer as PostgreSQL's catalog has them, and what stands between them and the ones needed here.

Somebody may have made the table by hand: `id serial`, `vector float8[]`, a view of that name. Every command that writes
looks first, so that a table is never emptied before it is known that it can be filled again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from psycopg2.extensions import connection

from jobs.errors import ErrorKind, JobError
from jobs.postgres.connection import fetch_value

DIMENSIONS = 512
KINDS = {"v": "VIEW", "m": "MATERIALIZED VIEW", "f": "FOREIGN TABLE", "p": "TABLE", "S": "SEQUENCE", "i": "INDEX"}
KIND_NAMES = {"p": "a partitioned table", "S": "a sequence", "i": "an index", "v": "a view", "f": "a foreign table"}
LENGTHS = {"filepath": 255, "emotion": 50}  # characters
VECTOR = f"vector({DIMENSIONS})"
CASTS = ("_float4", "_float8", "_numeric", "_int4", "halfvec", "text", "varchar")  # pgvector casts them to a vector
WIDENED = ("int2", "int4")
COLUMNS = """
SELECT attname, typname, CASE WHEN typname = 'varchar' AND atttypmod > 0 THEN atttypmod - 4 ELSE atttypmod END,
       attnotnull, atthasdef OR attidentity <> '', attidentity = 'a', attgenerated <> ''
FROM pg_attribute JOIN pg_type t ON t.oid = atttypid
WHERE attrelid = 'imagenes_fer'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum
"""
KEYS = """
SELECT coalesce(bool_or(indnkeyatts = 1 AND indkey[0] = a.attnum AND indpred IS NULL), false),
       coalesce(bool_or(indisprimary), false)
FROM pg_index i LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attname = 'id'
WHERE indrelid = 'imagenes_fer'::regclass AND indisunique AND indisvalid AND indimmediate
"""


class Fix(Enum):
    """Who may run a problem's SQL: every command (`widen` loses nothing), only `adopt` (`cast`), or only a person."""

    widen = "widen"
    cast = "cast"
    person = "person"


@dataclass(frozen=True)
class Column:
    """A column. `modifier` is the declared length or number of dimensions, -1 without one.

    `always` is GENERATED ALWAYS AS IDENTITY; `generated` is computed from other columns.
    """

    type: str
    modifier: int = -1
    not_null: bool = False
    default: bool = False
    always: bool = False
    generated: bool = False

    def __str__(self) -> str:
        name = f"{self.type[1:]}[]" if self.type.startswith("_") else self.type
        return f"{name}({self.modifier})" if self.modifier > 0 else name


@dataclass(frozen=True)
class Shape:
    """What the catalog says of imagenes_fer. `kind` is pg_class.relkind: "r" for a table.

    `id_unique`: a unique index on id alone, which foreign keys need.
    """

    columns: Mapping[str, Column] = field(default_factory=dict)
    kind: str = "r"
    id_unique: bool = True
    has_primary_key: bool = True


@dataclass(frozen=True)
class Problem:
    """What is different, and the SQL that ends it."""

    what: str
    sql: str
    fix: Fix = Fix.person


def read_shape(db: connection) -> Shape | None:
    """The shape of a database's imagenes_fer, or None if nothing has that name."""
    kind = fetch_value(db, "SELECT relkind::text FROM pg_class WHERE oid = to_regclass('imagenes_fer')")
    if kind is None:
        return None
    with db.cursor() as cursor:
        cursor.execute(COLUMNS)
        columns = {name: Column(*values) for name, *values in cursor}
        cursor.execute(KEYS)
        keys = cursor.fetchone() or (False, False)
    return Shape(columns, kind, *keys)


def find_problems(shape: Shape) -> list[Problem]:
    """Everything that a command cannot write to, in the order in which the SQL has to run. Pure."""
    if shape.kind != "r":
        what = f"imagenes_fer is {KIND_NAMES.get(shape.kind, 'not an ordinary table')}, not a table"
        return [Problem(what, move_away(KINDS.get(shape.kind, "TABLE")))]
    missing = [missing_column(name, shape) for name in ("id", *LENGTHS, "vector") if name not in shape.columns]
    if missing:
        return missing
    checks = [*id_problems(shape), *text_problems(shape), *vector_problems(shape.columns["vector"])]
    return checks + [extra for name in shape.columns for extra in extra_problems(name, shape.columns[name])]


def move_away(keyword: str = "TABLE") -> str:
    """SQL that keeps a table with all its rows, out of the way of a new one."""
    return f"CREATE SCHEMA IF NOT EXISTS old; ALTER {keyword} imagenes_fer SET SCHEMA old"


def missing_column(name: str, shape: Shape) -> Problem:
    """The problem of a column that the table lacks. A single other column of a fitting type is named."""
    fitting = {"id": ("int8", *WIDENED), "vector": ("vector", *CASTS[:5])}.get(name, ("text", "varchar"))
    known = {"id", "vector", *LENGTHS}
    others = [each for each, column in shape.columns.items() if each not in known and column.type in fitting]
    what = f"it has no column {name} (its columns are {', '.join(shape.columns)})"
    rename = f'ALTER TABLE imagenes_fer RENAME COLUMN "{others[0]}" TO {name}' if len(others) == 1 else move_away()
    return Problem(what, rename)


def id_problems(shape: Shape) -> list[Problem]:
    column, problems = shape.columns["id"], []
    if column.type in WIDENED:
        problems.append(Problem(f"id is {column}, not bigint", alter("id", "TYPE bigint"), Fix.widen))
    elif column.type != "int8":
        problems.append(Problem(f"id is {column}, not bigint", move_away()))
    if column.always:
        what = "id is GENERATED ALWAYS, and ids are given out by `embed`"
        problems.append(Problem(what, alter("id", "SET GENERATED BY DEFAULT"), Fix.widen))
    if not shape.id_unique:
        key = "UNIQUE" if shape.has_primary_key else "PRIMARY KEY"
        problems.append(Problem("id is not a key", f"ALTER TABLE imagenes_fer ADD {key} (id)", Fix.widen))
    return problems


def text_problems(shape: Shape) -> list[Problem]:
    problems = []
    for name, length in LENGTHS.items():
        column, wanted = shape.columns[name], f"varchar({length})"
        if column.type not in ("text", "varchar"):
            problems.append(Problem(f"{name} is {column}, not {wanted}", alter(name, f"TYPE {wanted}"), Fix.cast))
        elif 0 < column.modifier < length:
            problems.append(Problem(f"{name} is {column}, not {wanted}", alter(name, f"TYPE {wanted}"), Fix.widen))
    return problems


def vector_problems(column: Column) -> list[Problem]:
    what, cast = f"vector is {column}, not {VECTOR}", alter("vector", f"TYPE {VECTOR} USING vector::{VECTOR}")
    if column.type == "vector":
        if column.modifier == DIMENSIONS:
            return []
        return [Problem(what, cast, Fix.widen) if column.modifier < 0 else Problem(what, move_away())]
    if column.type in CASTS and column.modifier in (-1, DIMENSIONS):
        return [Problem(what, cast, Fix.cast)]
    return [Problem(what, move_away())]


def extra_problems(name: str, column: Column) -> list[Problem]:
    """A column that a new row cannot be written with."""
    if column.generated and name in ("id", "vector", *LENGTHS):
        return [Problem(f"{name} is computed from other columns", alter(name, "DROP EXPRESSION"))]
    if name in ("id", "vector", *LENGTHS) or not column.not_null or column.default or column.generated:
        return []
    return [Problem(f"its column {name} is NOT NULL without a default", alter(f'"{name}"', "DROP NOT NULL"))]


def alter(column: str, change: str) -> str:
    return f"ALTER TABLE imagenes_fer ALTER COLUMN {column} {change}"


def require_columns(db: connection, allowed: Iterable[Fix] = (Fix.widen,)) -> list[Problem]:
    """The problems whose SQL may run without a question. Raises JobError for the others; changes nothing.

    An empty list also where there is no table.
    """
    shape = read_shape(db)
    problems = find_problems(shape) if shape else []
    refused = [problem for problem in problems if problem.fix not in tuple(allowed)]
    if refused:
        raise JobError(describe(refused), ErrorKind.conflict)
    return problems


def describe(problems: list[Problem]) -> str:
    """One sentence: what is different, and the SQL that ends it."""
    what = "; ".join(problem.what for problem in problems)
    statements = "; ".join(dict.fromkeys(problem.sql for problem in problems))
    hint = " (`python -m jobs adopt DIR` runs it for you)" if all(p.fix is not Fix.person for p in problems) else ""
    return f"The table imagenes_fer cannot be used: {what}. Nothing was changed: run this SQL{hint}: {statements};"
