"""Move the staged parts into the table, in one transaction: a reader sees all of them or none."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import psycopg2
from psycopg2.extensions import connection

from jobs.migrate.parts import DROP_STAGING, PART_BITS, PartResult
from jobs.postgres.connection import fetch_value
from jobs.provenance import METADATA_KEYS

DELETE_UNSTAGED = """
DELETE FROM migrate_staging WHERE NOT (id >> %(bits)s = ANY(%(staged)s));
ALTER TABLE migrate_staging ADD CONSTRAINT migrate_staging_pkey PRIMARY KEY (id);
"""
# An empty table can be replaced by the staging table, unless somebody has added something to it that would be lost.
REPLACEABLE = """
SELECT NOT EXISTS (SELECT FROM imagenes_fer) AND NOT EXISTS (SELECT FROM embedded_picture)
   AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal)
   AND (SELECT count(*) FROM pg_index WHERE indrelid = c.oid) = 2
   AND (SELECT count(*) FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped) = 4
   AND (SELECT count(*) FROM pg_constraint WHERE confrelid = c.oid) = 1
   AND NOT EXISTS (SELECT FROM pg_publication_rel WHERE prrelid = c.oid)
   AND NOT EXISTS (
       SELECT FROM pg_attribute a JOIN pg_attribute s USING (attname)
       WHERE a.attrelid = c.oid AND s.attrelid = 'migrate_staging'::regclass AND a.attnum > 0
       AND ((a.atttypid, a.atttypmod) <> (s.atttypid, s.atttypmod) OR a.attidentity <> '' OR a.attgenerated <> '')
   )
   AND NOT relrowsecurity AND relowner = current_user::regrole AND pg_get_serial_sequence('imagenes_fer', 'id') <> ''
FROM pg_class c WHERE c.oid = 'imagenes_fer'::regclass
"""
REPLACE = """
DO $$
DECLARE
    sequence text := pg_get_serial_sequence('imagenes_fer', 'id');
    granted record;
BEGIN
    FOR granted IN
        SELECT privilege_type AS may, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END AS who
        FROM pg_class, aclexplode(relacl) WHERE oid = 'imagenes_fer'::regclass AND grantee <> relowner
    LOOP
        EXECUTE format('GRANT %s ON migrate_staging TO %s', granted.may, granted.who);
    END LOOP;
    EXECUTE format('ALTER SEQUENCE %s OWNED BY migrate_staging.id', sequence);
    EXECUTE format('ALTER TABLE migrate_staging ALTER id SET DEFAULT nextval(%L)', sequence);
    ALTER TABLE embedded_picture DROP CONSTRAINT embedded_picture_image_id_fkey;
    DROP TABLE imagenes_fer;
    ALTER TABLE migrate_staging RENAME TO imagenes_fer;
    ALTER TABLE imagenes_fer RENAME CONSTRAINT migrate_staging_pkey TO imagenes_fer_pkey;
    CREATE UNIQUE INDEX imagenes_fer_filepath_key ON imagenes_fer (filepath);
    ALTER TABLE embedded_picture ADD CONSTRAINT embedded_picture_image_id_fkey
        FOREIGN KEY (image_id) REFERENCES imagenes_fer (id) ON DELETE CASCADE;
END
$$
"""
DELETE_OTHERS = """
DELETE FROM imagenes_fer t WHERE NOT (t.id >> %(bits)s = ANY(%(equal)s)) AND NOT EXISTS (
    SELECT 1 FROM migrate_staging s WHERE s.id = t.id AND s.filepath = t.filepath AND s.emotion = t.emotion
    AND vector_send(s.vector) = vector_send(t.vector)
)
"""
INSERT_MISSING = """
INSERT INTO imagenes_fer (id, filepath, emotion, vector) OVERRIDING SYSTEM VALUE
SELECT id, filepath, emotion, vector FROM migrate_staging s
WHERE NOT EXISTS (SELECT 1 FROM imagenes_fer t WHERE t.id = s.id) ORDER BY id
"""
# A row is lost if the source has neither its path nor, under its id, its vector: else it was changed or renamed.
COUNT_LOST = """
SELECT (SELECT count(*) FROM imagenes_fer), count(*) FROM imagenes_fer t
WHERE NOT (t.id >> %(bits)s = ANY(%(equal)s))
AND NOT EXISTS (SELECT FROM migrate_staging s WHERE s.filepath = t.filepath)
AND NOT EXISTS (SELECT FROM migrate_staging s WHERE s.id = t.id AND vector_send(s.vector) = vector_send(t.vector))
"""
RECORDED = (*METADATA_KEYS, "last_id")
READ_RECORD = "SELECT to_jsonb(embedding) FROM embedding LIMIT 1"
WRITE_RECORD = """
INSERT INTO embedding (weights, weights_sha256, precision, network_sha256, last_id)
VALUES (%(weights)s, %(weights_sha256)s, %(precision)s, %(network_sha256)s, coalesce(%(last_id)s, 0))
"""
SET_SEQUENCE = """
SELECT setval(pg_get_serial_sequence('imagenes_fer', 'id'),
              greatest((SELECT max(id) FROM imagenes_fer), (SELECT last_id FROM embedding), 1))
"""


@dataclass(frozen=True)
class Changes:
    """Rows of the target that a run adds, changes and deletes, of the `before` that it had."""

    before: int
    added: int
    changed: int
    deleted: int


def apply_staging(target: connection, parts: Sequence[PartResult], confirm: Callable[[Changes], None]) -> Changes:
    """Replace the table's rows by the staged parts, and drop the staging tables. The caller commits.

    `confirm` gets what would be added and deleted before anything is; it raises to prevent that.
    """
    staged = [result.part.number for result in parts if not result.equal]
    equal = [result.part.number for result in parts if result.equal]
    with target.cursor() as cursor:
        cursor.execute("LOCK TABLE imagenes_fer IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(DELETE_UNSTAGED, {"bits": PART_BITS, "staged": staged})
        cursor.execute("ANALYZE migrate_staging")
        changes = count_changes(target, equal, sum(result.fingerprint[0] for result in parts))
        confirm(changes)
        if not (staged and fetch_value(target, REPLACEABLE) and replace_table(target)):
            cursor.execute(DELETE_OTHERS, {"bits": PART_BITS, "equal": equal})
            changes = replace(changes, changed=cursor.rowcount - changes.deleted)
            cursor.execute(INSERT_MISSING)
        cursor.execute(DROP_STAGING)
    return changes


def count_changes(target: connection, equal: list[int], after: int) -> Changes:
    """What the staged parts add to the table and delete from it, to hold `after` rows. `changed` is 0 still."""
    with target.cursor() as cursor:
        cursor.execute(COUNT_LOST, {"bits": PART_BITS, "equal": equal})
        before, lost = cursor.fetchone() or (0, 0)
    deleted = max(lost, before - after)  # more, where two rows had the same path
    return Changes(before, after - before + deleted, 0, deleted)


def replace_table(target: connection) -> bool:
    """Rename the staging table; returns False and changes nothing if a view or the like depends on the old table."""
    with target.cursor() as cursor:
        cursor.execute("SAVEPOINT replace")
        try:
            cursor.execute(REPLACE)
        except (psycopg2.errors.DependentObjectsStillExist, psycopg2.errors.UndefinedObject):
            cursor.execute("ROLLBACK TO SAVEPOINT replace")
            return False
    return True


def copy_record(source: connection, target: connection) -> None:
    """Copy the record of what filled the table, and let new rows get ids after the last one.

    By the names of columns: the source may be of an older version. What is left out says something of its own table
    only; the default of table_oid is the target's. `check_source` has refused a stale record.
    """
    record = fetch_value(source, READ_RECORD) if fetch_value(source, "SELECT to_regclass('embedding')") else None
    with target.cursor() as cursor:
        cursor.execute("DELETE FROM embedding")
        if record:
            cursor.execute(WRITE_RECORD, {name: record.get(name) for name in RECORDED})
        cursor.execute(SET_SEQUENCE)
