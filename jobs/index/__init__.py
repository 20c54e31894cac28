"""index: make search fast. In the lake faiss over the Parquet, in the database pgvector's HNSW, or Azure AI Search."""
