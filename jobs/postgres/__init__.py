"""PostgreSQL with pgvector: connections, errors, binary COPY, the table, its schema and its HNSW index."""
