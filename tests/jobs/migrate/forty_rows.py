"""Forty rows on the laptop's server for migrate, and functions that read and change a table on either server."""

from jobs.postgres.connection import Database, open_connection

FILL = """
INSERT INTO imagenes_fer (id, filepath, emotion, vector)
SELECT i, 'happy/' || i, 'happy', ARRAY(SELECT (random() - 0.5)::real FROM generate_series(1, 512) WHERE i > 0)::vector
FROM generate_series(%(first)s::bigint, %(last)s) i
"""
RECORD = "INSERT INTO embedding (weights, weights_sha256, precision, last_id) VALUES ('random', 'ab', 'fp32', %s)"


def fill(url: str, number: int, first: int = 1) -> str:
    """So many rows, from an id on."""
    with open_connection(url) as db, db.cursor() as cursor:
        cursor.execute("SELECT setseed(0.5)")
        cursor.execute(FILL, {"first": first, "last": first + number - 1})
        cursor.execute("DELETE FROM embedding")
        cursor.execute(RECORD, (first + number - 1,))
        db.commit()
    return url


def rows(url: Database) -> list[tuple[int, str, str, str]]:
    with open_connection(url) as db, db.cursor() as cursor:
        cursor.execute("SELECT id, filepath, emotion, vector::text FROM imagenes_fer ORDER BY id")
        return cursor.fetchall()
