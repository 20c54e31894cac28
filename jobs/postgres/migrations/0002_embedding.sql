-- What filled the table: one row, so that vectors of different weights never mix.
CREATE TABLE embedding (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    weights text NOT NULL,          -- imagenet, random, or the name of a file
    weights_sha256 text NOT NULL,   -- of the file's bytes, in hexadecimal
    precision text NOT NULL,        -- fp32 or bf16
    last_id bigint NOT NULL         -- the highest id given out; ids of deleted rows are not given out again
);

-- Where each row came from: so that only new and changed pictures are embedded, and renamed ones are known again.
CREATE TABLE embedded_picture (
    image_id bigint PRIMARY KEY REFERENCES imagenes_fer (id) ON DELETE CASCADE,
    folder text NOT NULL,           -- the folder that the emotion folders lie in
    sha256 bytea NOT NULL,
    md5 bytea NOT NULL              -- what storage accounts tell of their files
);

CREATE INDEX embedded_picture_sha256_idx ON embedded_picture (sha256);
