-- What a file's directory entry said when its bytes were hashed: while it says the same, the file is not read again.
-- NULL where it was not known, or where the file was too new to be trusted.
ALTER TABLE embedded_picture ADD COLUMN size bigint, ADD COLUMN mtime_ns bigint, ADD COLUMN ctime_ns bigint;

-- int8: the SHA-256, in hexadecimal, of the quantised network. It depends on the pictures that it was calibrated on,
-- so that the weights alone do not say which one filled the table. NULL with other precisions.
ALTER TABLE embedding ADD COLUMN network_sha256 text;
