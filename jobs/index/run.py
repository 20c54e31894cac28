"""index: make search fast. In the lake faiss over the Parquet, in the database pgvector's HNSW, or Azure AI Search."""

from typing import TypeAlias

from jobs.index import ai_search_index as azure_search
from jobs.index import faiss_index as lake
from jobs.index import hnsw_index as database
from jobs.index.faiss_index import CURRENT
from jobs.index.hnsw_index import DEFAULT_OPTIONS, IndexOptions, index_database
from jobs.target import Target

__all__ = ["CURRENT", "PLACES", "IndexOptions", "IndexResult", "build_index", "index_database"]

PLACES = ("lake", "database")
"""Where vectors come from."""

IndexResult: TypeAlias = lake.FaissIndexResult | database.HnswIndexResult | azure_search.AiSearchIndexResult


def build_index(target: Target, place: str, to: str | None = None, wish: IndexOptions = DEFAULT_OPTIONS) -> IndexResult:
    """Build the index of a place's vectors: in that place, or in `azure-search`. Raises Failure."""
    if to == "azure-search":
        return azure_search.index_in_ai_search(target, place, wish.rebuild)
    return lake.index_lake(target) if place == "lake" else index_database(target, wish)
