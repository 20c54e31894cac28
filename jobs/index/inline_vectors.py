"""Vectors into their rows: a table that was filled before the schema's setting for that keeps them beside it.

A scan of such a table takes three times as long, and only a value that is written anew moves.
"""

from psycopg2.extensions import connection

from jobs import terminal
from jobs.postgres import hnsw
from jobs.postgres.connection import fetch_value

BESIDE = """
SELECT CASE WHEN reltoastrelid = 0 THEN 0 ELSE pg_relation_size(reltoastrelid) END
FROM pg_class WHERE oid = 'imagenes_fer'::regclass
"""
MOVE = "UPDATE imagenes_fer SET vector = vector::real[]::vector(512)"  # not a bit changes, but it is another value


def inline_vectors(db: connection) -> bool:
    """Write vectors that lie beside their rows into them; whether there were some. Every HNSW goes with them."""
    if not fetch_value(db, BESIDE):
        return False
    terminal.log("The table keeps its vectors beside the rows, from before its setting: they are moved into them.")
    with db.cursor() as cursor:
        for name, *_ in hnsw.list_indexes(db):
            cursor.execute(f"DROP INDEX {name}")  # it would take each row anew, one by one
        cursor.execute(MOVE)
    db.commit()
    db.autocommit = True
    with db.cursor() as cursor:
        cursor.execute("VACUUM imagenes_fer")
    db.autocommit = False
    return True
