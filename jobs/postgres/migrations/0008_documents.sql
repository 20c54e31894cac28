-- The assistant's documents. They outlive the table of pictures: dropping that one starts its own records again only.
CREATE TABLE IF NOT EXISTS document_collection (
    name text PRIMARY KEY,
    model text NOT NULL,            -- what computed the vectors; empty where passages are found by words alone
    dimensions integer NOT NULL     -- of every vector of the collection; 0 without a model
);

CREATE TABLE IF NOT EXISTS document (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    collection text NOT NULL REFERENCES document_collection (name) ON DELETE CASCADE,
    name text NOT NULL,             -- what citations show
    path text NOT NULL,             -- the file on the machine that added it
    sha256 bytea NOT NULL,
    UNIQUE (collection, name)
);

CREATE TABLE IF NOT EXISTS passage (
    document_id bigint NOT NULL REFERENCES document (id) ON DELETE CASCADE,
    position integer NOT NULL,
    heading text NOT NULL,
    page integer,
    text text NOT NULL,
    words tsvector NOT NULL,
    vector vector,                  -- of no fixed length: each collection has its own
    PRIMARY KEY (document_id, position)
);

-- Tables of others with these names have other columns: refuse them now, not in the middle of a command.
DO $$
BEGIN
    PERFORM name, model, dimensions FROM document_collection LIMIT 0;
    PERFORM id, collection, name, path, sha256 FROM document LIMIT 0;
    PERFORM document_id, position, heading, page, text, words, vector FROM passage LIMIT 0;
END
$$;
