"""The table and what is recorded beside it: read at the start of a run, written in chunks, each one transaction."""

from psycopg2.extensions import connection, cursor

from jobs.binary_copy import Vector, payload
from jobs.embed.plan import Plan, Row, Work
from jobs.embed.weights import Recorded
from jobs.postgres import one

STAGING = """
CREATE TEMP TABLE staging (id bigint, filepath text, emotion text, vector vector(512), sha256 bytea, md5 bytea)
ON COMMIT DROP
"""
KNOWN = """
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
REMEMBER = """
INSERT INTO embedded_picture (image_id, folder, sha256, md5)
SELECT id, %s, sha256, md5 FROM staging WHERE vector IS NOT NULL
ON CONFLICT (image_id) DO UPDATE SET folder = excluded.folder, sha256 = excluded.sha256, md5 = excluded.md5
"""


def recorded(db: connection) -> Recorded | None:
    """What filled the table; None where nothing did yet."""
    with db.cursor() as cursor:
        cursor.execute("SELECT weights, weights_sha256, precision FROM embedding")
        row = cursor.fetchone()
    return Recorded(*row) if row else None


def begin(db: connection, now: Recorded) -> None:
    """Empty the table and say what fills it from now on, in one transaction."""
    with db.cursor() as cursor:
        cursor.execute("DELETE FROM imagenes_fer")
        cursor.execute("DELETE FROM embedding")
        cursor.execute(
            "INSERT INTO embedding (weights, weights_sha256, precision, last_id) VALUES (%s, %s, %s, 0)",
            (now.weights, now.sha256, now.precision),
        )
    db.commit()


def rows(db: connection) -> list[Row]:
    """Every row of the table with what is known of its file."""
    with db.cursor() as cursor:
        cursor.execute(
            "SELECT i.id, i.filepath, e.folder, e.sha256 "
            "FROM imagenes_fer i LEFT JOIN embedded_picture e ON e.image_id = i.id"
        )
        return [Row(id, filepath, folder, sha256 and bytes(sha256)) for id, filepath, folder, sha256 in cursor]


def settle(db: connection, plan: Plan, folder: str) -> None:
    """Everything that needs no vector but the deletions: renamed rows, rows that come from this folder from now on."""
    with db.cursor() as cursor:
        cursor.execute("UPDATE embedded_picture SET folder = %s WHERE image_id = ANY(%s)", (folder, plan.adopted))
        # Through names that no file has: two pictures may have swapped theirs.
        moved = [id for id, _ in plan.renamed]
        cursor.execute("UPDATE imagenes_fer SET filepath = '//' || id WHERE id = ANY(%s)", (moved,))
        cursor.executemany(
            "UPDATE imagenes_fer SET filepath = %s, emotion = %s WHERE id = %s",
            [(content.picture.filepath, content.picture.emotion, id) for id, content in plan.renamed],
        )
    db.commit()


def delete(db: connection, ids: list[int], paths: list[str], folder: str) -> int:
    """Remove rows by id, and those of this folder by path; how many there were."""
    with db.cursor() as cursor:
        cursor.execute(
            "DELETE FROM imagenes_fer i USING embedded_picture e WHERE e.image_id = i.id AND e.folder = %s "
            "AND (i.id = ANY(%s) OR i.filepath = ANY(%s))",
            (folder, ids, paths),
        )
        deleted = cursor.rowcount
    db.commit()
    return deleted


def delete_folder(db: connection, folder: str) -> None:
    """Remove every row that came from a folder."""
    with db.cursor() as cursor:
        cursor.execute(
            "DELETE FROM imagenes_fer i USING embedded_picture e WHERE e.image_id = i.id AND e.folder = %s", (folder,)
        )
    db.commit()


def store(db: connection, chunk: list[tuple[Work, Vector | None]], folder: str) -> None:
    """Write rows, with their vector or with that of a row of the same content, in one transaction.

    New ids go on behind the last one recorded, in the chunk's order: a run that was killed and run again gives the
    same ids as one that was not, which a sequence would not.
    """
    with db.cursor() as cursor:
        last_id = next_id(cursor)
        staged = []
        for work, vector in chunk:
            if work.row_id is None:
                last_id += 1
            content, row_id = work.content, work.row_id or last_id
            picture = content.picture
            staged.append((row_id, picture.filepath, picture.emotion, vector, content.sha256, content.md5))
        cursor.execute(STAGING)
        cursor.copy_expert("COPY staging FROM STDIN BINARY", payload(staged))
        for step in (STORE, REMEMBER, KNOWN, STORE, REMEMBER):
            cursor.execute(step, (folder,) if step is REMEMBER else None)
        cursor.execute("UPDATE embedding SET last_id = %s", (last_id,))
        cursor.execute("SELECT setval(pg_get_serial_sequence('imagenes_fer', 'id'), %s)", (max(last_id, 1),))
    db.commit()


def next_id(cursor: cursor) -> int:
    """The highest id given out so far, by `embed` or by somebody else."""
    cursor.execute("SELECT greatest(last_id, (SELECT max(id) FROM imagenes_fer)) FROM embedding")
    row = cursor.fetchone()
    return int(row[0]) if row else 0


def count(db: connection) -> int:
    return int(one(db, "SELECT count(*) FROM imagenes_fer"))
