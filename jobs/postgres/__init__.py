"""PostgreSQL: connection, errors, binary COPY, rows, pgvector's HNSW, schema and migrations."""
