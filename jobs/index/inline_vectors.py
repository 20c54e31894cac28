"""Move vectors from the TOAST table into their rows, in a table that was filled before the schema set this.

A scan of such a table takes three times as long, and a vector moves only when it is written again.
"""

from psycopg2.extensions import connection

from jobs import terminal
from jobs.postgres import hnsw
from jobs.postgres.connection import fetch_value

TOAST_BYTES = """
SELECT CASE WHEN reltoastrelid = 0 THEN 0 ELSE pg_relation_size(reltoastrelid) END
FROM pg_class WHERE oid = 'imagenes_fer'::regclass
"""
# No bit changes, but PostgreSQL stores it as a new value.
REWRITE = "UPDATE imagenes_fer SET vector = vector::real[]::vector(512)"


def inline_vectors(db: connection) -> bool:
    """Move vectors that are in the TOAST table into the rows; returns whether there were any.

    Drops what `index` made, which is built again afterwards. Indexes of others stay, which takes longer.
    """
    if not fetch_value(db, TOAST_BYTES):
        return False
    terminal.log(
        "An older version stored the vectors outside the rows: they are now moved into them, which makes scans faster."
    )
    with db.cursor() as cursor:
        for index in hnsw.list_indexes(db):
            if index.variant:
                cursor.execute(
                    f"DROP INDEX {index.name}"
                )  # otherwise each row would be inserted into it again, one by one
        cursor.execute(REWRITE)
    db.commit()
    db.autocommit = True
    with db.cursor() as cursor:
        cursor.execute("VACUUM imagenes_fer")
    db.autocommit = False
    return True
