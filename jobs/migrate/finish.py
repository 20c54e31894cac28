"""Make the staged parts the table's, in one transaction: whoever reads it sees all of them or none."""

from collections.abc import Sequence
from io import BytesIO

import psycopg2
from psycopg2.extensions import connection

from jobs.migrate.parts import BITS, DROP, PartResult
from jobs.postgres.connection import fetch_value

FORGET_OTHERS = """
DELETE FROM migrate_staging WHERE NOT (id >> %(bits)s = ANY(%(staged)s));
ALTER TABLE migrate_staging ADD CONSTRAINT migrate_staging_pkey PRIMARY KEY (id);
"""
# An empty table can give its name to the staged one, unless somebody has added something to it that would be lost.
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
SET_SEQUENCE = """
SELECT setval(pg_get_serial_sequence('imagenes_fer', 'id'),
              greatest((SELECT max(id) FROM imagenes_fer), (SELECT last_id FROM embedding), 1))
"""


def apply_staging(there: connection, brought: Sequence[PartResult]) -> None:
    """Put the staged parts in place of what the table has, and drop what staged them. The caller commits."""
    staged = [each.part.number for each in brought if not each.equal]
    with there.cursor() as cursor:
        cursor.execute("LOCK TABLE imagenes_fer IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(FORGET_OTHERS, {"bits": BITS, "staged": staged})
        if not (staged and fetch_value(there, REPLACEABLE) and replace_table(there)):
            cursor.execute("ANALYZE migrate_staging")
            equal = [each.part.number for each in brought if each.equal]
            cursor.execute(DELETE_OTHERS, {"bits": BITS, "equal": equal})
            cursor.execute(INSERT_MISSING)
        cursor.execute(DROP)


def replace_table(there: connection) -> bool:
    """Give the staged table the name; False, and nothing is changed, where views or the like hang on the old one."""
    with there.cursor() as cursor:
        cursor.execute("SAVEPOINT replace")
        try:
            cursor.execute(REPLACE)
        except (psycopg2.errors.DependentObjectsStillExist, psycopg2.errors.UndefinedObject):
            cursor.execute("ROLLBACK TO SAVEPOINT replace")
            return False
    return True


def copy_record(here: connection, there: connection) -> None:
    """What filled the table travels with it, and new rows get ids behind the last one."""
    record = BytesIO()
    with here.cursor() as source, there.cursor() as cursor:
        source.copy_expert("COPY embedding TO STDOUT", record)
        record.seek(0)
        cursor.execute("DELETE FROM embedding")
        cursor.copy_expert("COPY embedding FROM STDIN", record)
        cursor.execute(SET_SEQUENCE)
