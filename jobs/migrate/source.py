"""Look at the source before anything is copied: its table, its columns, its rows and its record. It is only read."""

from dataclasses import dataclass

from psycopg2.extensions import connection

from jobs.errors import ErrorKind, JobError
from jobs.migrate.missing_table import missing_table_error
from jobs.postgres.connection import Database, fetch_value
from jobs.postgres.statement_errors import ServerConnection
from jobs.provenance import read_provenance

TABLE = "imagenes_fer"
COLUMNS = """
SELECT attname, typname, typcategory FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
WHERE attrelid = 'imagenes_fer'::regclass AND attnum > 0 AND NOT attisdropped
"""
# What each column may be, and how it is read then. Every cast keeps all that the target's type can hold.
INTEGERS = {"int8": "id", "int4": "id::bigint", "int2": "id::bigint"}
TEXTS = ("text", "varchar")
TEXT_CATEGORIES = "SE"  # strings and enums: https://www.postgresql.org/docs/current/catalog-pg-type.html
VECTORS = {"vector": "vector"} | dict.fromkeys(("halfvec", "_float4", "_float8", "_numeric"), "vector::vector")
# Rows that the target's table cannot take. Each is counted, so that none is left out without a word.
FAULTS = """
SELECT count(*) FILTER (WHERE id IS NULL OR filepath IS NULL OR emotion IS NULL OR vector IS NULL),
    count(id) - count(DISTINCT id), count(filepath) - count(DISTINCT filepath),
    count(*) FILTER (WHERE vector_dims(vector) <> 512),
    count(*) FILTER (WHERE length(filepath) > 255 OR length(emotion) > 50)
FROM {}
"""
FAULT_NAMES = (
    "{} without an id, a filepath, an emotion or a vector",
    "{} whose id another row has",
    "{} whose filepath another row has",
    "{} whose vector has not 512 numbers",
    "{} whose filepath has more than 255 or whose emotion more than 50 characters",
)
# A table as `embed` makes it holds no such rows.
IS_REGULAR = """
SELECT relkind = 'r' AND (
    SELECT count(*) = 4 FROM pg_attribute JOIN pg_type t ON t.oid = atttypid WHERE attrelid = c.oid AND attnotnull
    AND (attname, typname, atttypmod) IN (
        ('id', 'int8', -1), ('filepath', 'varchar', 259), ('emotion', 'varchar', 54), ('vector', 'vector', 512)
    )
) AND (
    SELECT count(DISTINCT attname) = 2 FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
    WHERE indrelid = c.oid AND indisunique AND indisvalid AND indpred IS NULL AND indnkeyatts = 1
    AND attname IN ('id', 'filepath')
) FROM pg_class c WHERE c.oid = 'imagenes_fer'::regclass
"""

CAST = "(SELECT {} FROM imagenes_fer) AS imagenes_fer"
CLOSED_SCHEMA = """
SELECT quote_ident(nspname) FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace
WHERE extname = 'vector' AND NOT has_schema_privilege(n.oid, 'USAGE')
"""


@dataclass(frozen=True)
class SourceTable:
    """`relation` is the FROM item that gives the rows with the target's types. `extra` are columns that stay behind."""

    relation: str
    extra: tuple[str, ...] = ()


def read_every_row(db: connection) -> None:
    """From now on a policy that hides rows raises an error: hidden rows of the source are not deleted ones."""
    with db.cursor() as cursor:
        cursor.execute("SET row_security = off")
    db.commit()


def check_source(source: ServerConnection, database: Database) -> SourceTable:
    """Returns how the rows are read. Raises JobError, naming the source, for a table that cannot be copied whole."""
    if not fetch_value(source, "SELECT to_regclass('imagenes_fer') IS NOT NULL"):
        raise missing_table_error(source, database)
    if schema := fetch_value(source, CLOSED_SCHEMA):
        raise JobError(
            f"The source {source.address} has pgvector in the schema {schema}, which {source.user} may not use: run "
            f"`GRANT USAGE ON SCHEMA {schema} TO {source.user}` there as its owner.",
            ErrorKind.refused,
        )
    table = choose_columns(source)
    check_rows(source, table)
    if fetch_value(source, "SELECT EXISTS (SELECT FROM imagenes_fer)") and read_provenance(source) is None:
        raise JobError(
            f"The source {source.address} has vectors, and no record of the weights that made them: "
            "`python -m jobs adopt DIR --source URL` finds out and records it.",
            ErrorKind.conflict,
        )
    return table


def choose_columns(source: ServerConnection) -> SourceTable:
    """The columns of the source, with a cast where their types differ. Raises JobError where there is none."""
    with source.cursor() as cursor:
        cursor.execute(COLUMNS)
        types = {name: (type_name, category) for name, type_name, category in cursor}
    chosen = {"id": INTEGERS.get(types.get("id", ("", ""))[0]), "vector": VECTORS.get(types.get("vector", ("", ""))[0])}
    for name in ("filepath", "emotion"):
        type_name, category = types.get(name, ("", ""))
        cast = f"{name}::text" if category and category in TEXT_CATEGORIES else None
        chosen[name] = name if type_name in TEXTS else cast
    if chosen["vector"] == "vector::vector" and not fetch_value(source, "SELECT to_regtype('vector') IS NOT NULL"):
        chosen["vector"] = None  # there is no pgvector on this server
    if bad := sorted(name for name, expression in chosen.items() if expression is None):
        found = ", ".join(f"{name} {types[name][0] if name in types else 'is missing'}" for name in bad)
        raise JobError(
            f"The source {source.address} has a table {TABLE} of other columns ({found}; needed: id bigint, filepath "
            "text, emotion text, vector vector(512)): `python -m jobs adopt DIR --source URL` says how to change them.",
            ErrorKind.conflict,
        )
    extra = tuple(sorted(types.keys() - chosen.keys()))
    if all(expression == name for name, expression in chosen.items()):
        return SourceTable(TABLE, extra)
    columns = ", ".join(f"{expression} AS {name}" for name, expression in chosen.items())
    return SourceTable(CAST.format(columns), extra)


def check_rows(source: ServerConnection, table: SourceTable) -> None:
    """Raises JobError if there are rows that the target cannot take."""
    if table.relation == TABLE and fetch_value(source, IS_REGULAR):
        return
    with source.cursor() as cursor:
        cursor.execute(FAULTS.format(table.relation))
        counts = cursor.fetchone() or ()
    faults = [text.format(count) for text, count in zip(FAULT_NAMES, counts, strict=True) if count]
    if faults:
        raise JobError(
            f"The source {source.address} has rows in {TABLE} that the target cannot take: {', '.join(faults)}. Delete "
            "or correct them there, then run the same command again.",
            ErrorKind.conflict,
        )
