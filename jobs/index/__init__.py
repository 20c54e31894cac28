"""index: make search fast, with faiss over the lake's Parquet, pgvector's HNSW in the database, or Azure AI Search."""
