-- The table of the original system. Where somebody made it by hand already, it stays and gains what is missing.
CREATE EXTENSION IF NOT EXISTS vector;

CREATE TABLE IF NOT EXISTS imagenes_fer (
    id bigserial PRIMARY KEY,
    filepath varchar(255) NOT NULL, -- <emotion>/<name>, forward slashes on every system
    emotion varchar(50) NOT NULL,
    vector vector(512) NOT NULL
);

CREATE UNIQUE INDEX IF NOT EXISTS imagenes_fer_filepath_key ON imagenes_fer (filepath);

-- A vector of 512 takes 2,056 bytes, just over the size at which PostgreSQL moves values out of the row:
-- kept in the row it is read three times as fast.
ALTER TABLE imagenes_fer SET (toast_tuple_target = 8160);
