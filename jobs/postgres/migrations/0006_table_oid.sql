-- Which table the record describes. A table that was dropped and restored, or renamed, is another one: the record says
-- nothing of it until somebody has computed some of its vectors again. A record is of the table that it was written for.
ALTER TABLE embedding ADD COLUMN table_oid oid DEFAULT to_regclass('imagenes_fer')::oid;

-- A foreign key that is gone, or that is of another table, shows that this happened before this version.
UPDATE embedding SET table_oid = NULL WHERE NOT EXISTS (
    SELECT FROM pg_constraint
    WHERE conrelid = 'embedded_picture'::regclass AND contype = 'f' AND confrelid = 'imagenes_fer'::regclass
);
