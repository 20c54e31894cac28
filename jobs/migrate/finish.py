"""Move the staged parts into the table, in one transaction: a reader sees all of them or none."""

from collections.abc import Sequence
from io import BytesIO

import psycopg2
from psycopg2.extensions import connection

from jobs.migrate.parts import DROP_STAGING, PART_BITS, PartResult
from jobs.postgres.connection import fetch_value
from jobs.provenance import read_provenance

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
INSERT INTO imagenes_fer (id, filepath, emotion, vector)
SELECT id, filepath, emotion, vector FROM migrate_staging s
WHERE NOT EXISTS (SELECT 1 FROM imagenes_fer t WHERE t.id = s.id) ORDER BY id
"""
BIND = "UPDATE embedding SET table_oid = 'imagenes_fer'::regclass"
SET_SEQUENCE = """
SELECT setval(pg_get_serial_sequence('imagenes_fer', 'id'),
              greatest((SELECT max(id) FROM imagenes_fer), (SELECT last_id FROM embedding), 1))
"""


def apply_staging(target: connection, parts: Sequence[PartResult]) -> None:
    """Replace the table's rows by the staged parts, and drop the staging tables. The caller commits."""
    staged = [result.part.number for result in parts if not result.equal]
    with target.cursor() as cursor:
        cursor.execute("LOCK TABLE imagenes_fer IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(DELETE_UNSTAGED, {"bits": PART_BITS, "staged": staged})
        if not (staged and fetch_value(target, REPLACEABLE) and replace_table(target)):
            cursor.execute("ANALYZE migrate_staging")
            equal = [result.part.number for result in parts if result.equal]
            cursor.execute(DELETE_OTHERS, {"bits": PART_BITS, "equal": equal})
            cursor.execute(INSERT_MISSING)
        cursor.execute(DROP_STAGING)


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
    """Copy the record of what filled the table, and let new rows get ids after the last one."""
    record = BytesIO()
    with source.cursor() as reader, target.cursor() as cursor:
        reader.copy_expert("COPY embedding TO STDOUT", record)
        record.seek(0)
        cursor.execute("DELETE FROM embedding")
        cursor.copy_expert("COPY embedding FROM STDIN", record)
        # The record is of the target's own table now. A stale one stays stale: nobody has proved it.
        cursor.execute(BIND if read_provenance(source) else "UPDATE embedding SET table_oid = NULL")
        cursor.execute(SET_SEQUENCE)
