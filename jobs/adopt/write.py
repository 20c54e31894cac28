"""Write what `adopt` found out: paths, keys, the record and the hashes. Nothing here commits."""

from psycopg2.extensions import connection

from jobs.adopt.rows import FoundRow, KeptRows
from jobs.embed.trust import BIND
from jobs.embed.write import INSERT_PROVENANCE, NEW_RECORDS
from jobs.pictures.read import Content
from jobs.postgres import schema
from jobs.postgres.copy import copy_stream
from jobs.provenance import Provenance

NO_SHA256, NO_MD5, NO_STAT = bytes(32), bytes(16), (None, None, None)
SET_PATHS = """
UPDATE imagenes_fer i SET filepath = s.filepath FROM unnest(%s::bigint[], %s::text[]) AS s (id, filepath)
WHERE i.id = s.id
"""
SET_SEQUENCE = "SELECT setval(pg_get_serial_sequence('imagenes_fer', 'id'), (SELECT max(id) FROM imagenes_fer))"


def write_paths(db: connection, rows: list[FoundRow], kept: KeptRows) -> int:
    """Delete the duplicates, and give every row its path. Returns how many paths changed."""
    changed = [row.id for row in rows if kept.paths.get(row.id, row.filepath) != row.filepath]
    with db.cursor() as cursor:
        cursor.execute("DELETE FROM imagenes_fer WHERE id = ANY(%s)", (kept.duplicates,))
        # First to names that no file can have: a path may be that of another row until that gets its own.
        cursor.execute("UPDATE imagenes_fer SET filepath = '//' || id WHERE id = ANY(%s)", (changed,))
        cursor.execute(SET_PATHS, (changed, [kept.paths[id] for id in changed]))
    return len(changed)


def complete_schema(db: connection) -> None:
    """Run the migrations. Raises JobError if the server refuses one."""
    schema.prepare_upgrade(db)
    for path in sorted(schema.MIGRATIONS.glob("*.sql")):
        schema.apply_migration(db, path)
    schema.connect_table(db)


def write_record(db: connection, filled_by: Provenance, kept: KeptRows, contents: list[Content], folder: str) -> None:
    """Record what filled the table, and the files of its rows.

    Unsure rows get hashes that no file has, so that the next `embed` computes their vectors again.
    """
    ids, files = {path: id for id, path in kept.paths.items()}, []
    for each in contents:
        id, stat = ids[each.picture.filepath], each.picture.stat or NO_STAT
        unsure = id in kept.unsure
        hashes = (NO_SHA256, NO_MD5) if unsure else (each.sha256, each.md5)
        files.append((id, folder, *hashes, *(NO_STAT if unsure else stat)))
    values = (filled_by.weights, filled_by.sha256, filled_by.precision, filled_by.network_sha256)
    with db.cursor() as cursor:
        cursor.execute("DELETE FROM embedding")
        cursor.execute(INSERT_PROVENANCE, values)
        cursor.execute(BIND)
        cursor.execute("DELETE FROM embedded_picture")
        cursor.copy_expert(NEW_RECORDS, copy_stream(files))
        cursor.execute(SET_SEQUENCE)
