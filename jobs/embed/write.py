"""Write the table and the records beside it, in chunks of one transaction each.

`embed --replace` is one transaction as a whole: the old rows are there until the last new one is. It sets a variable
that lives as long as the transaction, and `commit_step` then leaves the commit to `commit_all`.
"""

from psycopg2.extensions import connection, cursor

from jobs.embed.item import Item
from jobs.embed.plan import Plan, Work
from jobs.postgres.connection import fetch_value
from jobs.postgres.copy import Vector, copy_stream
from jobs.provenance import Provenance

NEW_ROWS = "COPY imagenes_fer (id, filepath, emotion, vector) FROM STDIN BINARY"
NEW_RECORDS = """
COPY embedded_picture (image_id, folder, sha256, md5, size, mtime_ns, ctime_ns) FROM STDIN BINARY
"""
STAGING = """
CREATE TEMP TABLE staging (
    id bigint, filepath text, emotion text, vector vector(512), sha256 bytea, md5 bytea,
    size bigint, mtime_ns bigint, ctime_ns bigint
) ON COMMIT DROP
"""
COPY_VECTORS = """
UPDATE staging SET vector = (
    SELECT i.vector FROM embedded_picture e JOIN imagenes_fer i ON i.id = e.image_id
    WHERE e.sha256 = staging.sha256 LIMIT 1
) WHERE vector IS NULL
"""
STORE = """
INSERT INTO imagenes_fer (id, filepath, emotion, vector)
SELECT id, filepath, emotion, vector FROM staging WHERE vector IS NOT NULL
ON CONFLICT (id) DO UPDATE SET vector = excluded.vector
"""
STORE_RECORDS = """
INSERT INTO embedded_picture (image_id, folder, sha256, md5, size, mtime_ns, ctime_ns)
SELECT id, %s, sha256, md5, size, mtime_ns, ctime_ns FROM staging WHERE vector IS NOT NULL
ON CONFLICT (image_id) DO UPDATE SET folder = excluded.folder, sha256 = excluded.sha256, md5 = excluded.md5,
    size = excluded.size, mtime_ns = excluded.mtime_ns, ctime_ns = excluded.ctime_ns
"""
INSERT_PROVENANCE = """
INSERT INTO embedding (weights, weights_sha256, precision, network_sha256, last_id) VALUES (%s, %s, %s, %s, 0)
"""
HOLD = "SET LOCAL jobs.replacing = 'on'"
IS_HELD = "SELECT current_setting('jobs.replacing', true) = 'on'"
UPDATE_STATS = """
UPDATE embedded_picture e SET size = s.size, mtime_ns = s.mtime_ns, ctime_ns = s.ctime_ns
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[]) AS s (id, size, mtime_ns, ctime_ns)
WHERE e.image_id = s.id
"""


def write_provenance(db: connection, provenance: Provenance) -> int:
    """Empty the table and record what fills it from now on. Returns the number of rows that it had.

    If it had any, nothing is committed before `commit_all`.
    """
    with db.cursor() as cursor:
        cursor.execute("DELETE FROM imagenes_fer")
        replaced = cursor.rowcount
        cursor.execute("DELETE FROM embedding")
        cursor.execute(
            INSERT_PROVENANCE, (provenance.weights, provenance.sha256, provenance.precision, provenance.network_sha256)
        )
        if replaced:
            cursor.execute(HOLD)
    commit_step(db)
    return replaced


def commit_step(db: connection) -> None:
    """Commit what was written, unless it replaces rows: then `commit_all` commits it together with all other steps."""
    if not fetch_value(db, IS_HELD):
        db.commit()


def commit_all(db: connection) -> None:
    """Commit everything: the end of a run."""
    db.commit()


def apply_renames(db: connection, plan: Plan, folder: str) -> None:
    """Write what needs no vector, but the deletions: reassigned and renamed rows, and changed FileStats."""
    with db.cursor() as cursor:
        cursor.execute("UPDATE embedded_picture SET folder = %s WHERE image_id = ANY(%s)", (folder, plan.reassigned))
        # First to names that no file can have, because two pictures may have swapped names and paths are unique.
        renamed_ids = [id for id, _ in plan.renamed]
        cursor.execute("UPDATE imagenes_fer SET filepath = '//' || id WHERE id = ANY(%s)", (renamed_ids,))
        cursor.executemany(
            "UPDATE imagenes_fer SET filepath = %s, emotion = %s WHERE id = %s",
            [(content.picture.filepath, content.picture.emotion, id) for id, content in plan.renamed],
        )
        stats = [(id, *stat) for id, stat in plan.stat_changed]
        cursor.execute(UPDATE_STATS, tuple([row[column] for row in stats] for column in range(4)))
    commit_step(db)


def delete_rows(db: connection, ids: list[int], paths: list[str], folder: str) -> int:
    """Delete rows of a folder by id or by path. Return how many there were."""
    if not ids and not paths:
        return 0
    with db.cursor() as cursor:
        cursor.execute(
            "DELETE FROM imagenes_fer i USING embedded_picture e WHERE e.image_id = i.id AND e.folder = %s "
            "AND (i.id = ANY(%s) OR i.filepath = ANY(%s))",
            (folder, ids, paths),
        )
        deleted = cursor.rowcount
    commit_step(db)
    return deleted


def store_chunk(db: connection, chunk: list[Item], folder: str) -> None:
    """Write rows, with their own vector or that of a row with the same content, in one transaction.

    New ids continue from the last one recorded, in the chunk's order. So a run that was killed and started again gives
    the same ids as an uninterrupted run. A sequence would not: it does not roll back.
    """
    with db.cursor() as cursor:
        last_id = last_used_id(cursor)
        new: list[tuple[int, Work, Vector]] = []
        others: list[tuple[int, Work, Vector | None]] = []
        for item in chunk:
            work, vector = item.work, item.vector
            last_id += work.row_id is None
            row_id = work.row_id or last_id
            if vector is not None and work.row_id is None:
                new.append((row_id, work, vector))
            else:
                others.append((row_id, work, vector))
        insert_rows(cursor, new, folder)
        if others:
            merge_rows(cursor, others, folder)
        cursor.execute("UPDATE embedding SET last_id = %s", (last_id,))
        cursor.execute("SELECT setval(pg_get_serial_sequence('imagenes_fer', 'id'), %s)", (max(last_id, 1),))
    commit_step(db)


def insert_rows(cursor: cursor, new: list[tuple[int, Work, Vector]], folder: str) -> None:
    """COPY new rows with their vectors directly into the tables: three times as fast as through a staging table."""
    pictures = [(id, work.content.picture, vector) for id, work, vector in new]
    rows = copy_stream((id, picture.filepath, picture.emotion, vector) for id, picture, vector in pictures)
    cursor.copy_expert(NEW_ROWS, rows)
    cursor.copy_expert(NEW_RECORDS, copy_stream((id, folder, *file_columns(work)) for id, work, _ in new))


def merge_rows(cursor: cursor, others: list[tuple[int, Work, Vector | None]], folder: str) -> None:
    """Write existing rows, and those that get their vector from a row with the same content."""
    staged = []
    for id, work, vector in others:
        picture = work.content.picture
        staged.append((id, picture.filepath, picture.emotion, vector, *file_columns(work)))
    cursor.execute(STAGING)
    cursor.copy_expert("COPY staging FROM STDIN BINARY", copy_stream(staged))
    for step in (STORE, STORE_RECORDS, COPY_VECTORS, STORE, STORE_RECORDS):
        cursor.execute(step, (folder,) if step is STORE_RECORDS else None)
    cursor.execute("DROP TABLE staging")  # before the next chunk, which may be in the same transaction


def file_columns(work: Work) -> tuple[bytes, bytes, int | None, int | None, int | None]:
    """Return what is recorded about a row's file: two hashes and its FileStat."""
    stat = work.content.picture.stat or (None, None, None)
    return work.content.sha256, work.content.md5, *stat


def last_used_id(cursor: cursor) -> int:
    """Return the highest id in use so far, by `embed` or by another program."""
    cursor.execute("SELECT greatest(last_id, (SELECT max(id) FROM imagenes_fer)) FROM embedding")
    row = cursor.fetchone()
    return int(row[0]) if row else 0
