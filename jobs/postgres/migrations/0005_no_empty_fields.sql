-- A table that somebody made by hand may take rows without a path, an emotion or a vector: nothing here can use them.
ALTER TABLE imagenes_fer
    ALTER COLUMN filepath SET NOT NULL,
    ALTER COLUMN emotion SET NOT NULL,
    ALTER COLUMN vector SET NOT NULL;
