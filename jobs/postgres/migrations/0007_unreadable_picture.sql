-- Picture files that cannot be used, with their size and times: while these are the same, nothing is tried again.
-- `reader` is the version of what decodes: another one may be able to read the file.
DROP TABLE IF EXISTS unreadable_picture;
CREATE TABLE unreadable_picture (
    folder text NOT NULL,
    filepath text NOT NULL,
    size bigint NOT NULL,
    mtime_ns bigint NOT NULL,
    ctime_ns bigint NOT NULL,
    reader text NOT NULL,
    reason text NOT NULL,
    PRIMARY KEY (folder, filepath)
);
