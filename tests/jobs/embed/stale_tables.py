"""Databases whose table changed hands: dropped, restored, renamed, emptied. The record of the weights stays behind."""

from jobs.postgres.connection import Database, open_connection
from jobs.postgres.schema import MIGRATIONS
from tests.databases import execute

BACKUP = "CREATE TABLE backup AS SELECT id, filepath, emotion, vector FROM imagenes_fer"
TABLE = (MIGRATIONS / "0001_imagenes_fer.sql").read_text(encoding="utf-8")
RESTORE = "INSERT INTO imagenes_fer SELECT * FROM backup"
# Every vector is that of another row: the neighbour by id.
SHIFT = """
UPDATE backup SET vector = shifted.vector FROM (
    SELECT id, lead(vector, 1, (SELECT vector FROM backup ORDER BY id LIMIT 1)) OVER (ORDER BY id) AS vector FROM backup
) AS shifted WHERE shifted.id = backup.id
"""
RENAME = "ALTER TABLE imagenes_fer RENAME TO older; ALTER INDEX imagenes_fer_filepath_key RENAME TO older_filepath_key"
EMPTIED = {"truncated": "TRUNCATE imagenes_fer CASCADE", "deleted": "DELETE FROM imagenes_fer"}
REMOVED = {"dropped": "DROP TABLE imagenes_fer CASCADE", "renamed": RENAME}


def restore(database: Database, how: str, *, shifted: bool) -> None:
    """Put a backup in the table's place, with its own vectors or each with that of another row."""
    remove = [EMPTIED[how]] if how in EMPTIED else [REMOVED[how], TABLE]
    execute(database, BACKUP, *([SHIFT] if shifted else []), *remove, RESTORE, "DROP TABLE backup")


def vectors(database: Database) -> dict[str, str]:
    """Every row's vector as text, by path."""
    with open_connection(database) as db, db.cursor() as cursor:
        cursor.execute("SELECT filepath, vector::text FROM imagenes_fer")
        return dict(cursor.fetchall())
