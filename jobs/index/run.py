"""index: make search fast. In the lake faiss over the Parquet, in the database pgvector's HNSW, or Azure AI Search."""

from typing import TypeAlias

from jobs.index.ai_search_index import AiSearchIndexResult, index_in_ai_search
from jobs.index.faiss_index import CURRENT, FaissIndexResult, index_lake
from jobs.index.hnsw_index import DEFAULT_OPTIONS, HnswIndexResult, IndexOptions, index_database
from jobs.target import Target

__all__ = ["CURRENT", "PLACES", "IndexOptions", "IndexResult", "build_index", "index_database"]

PLACES = ("lake", "database")
"""Where vectors come from."""

IndexResult: TypeAlias = FaissIndexResult | HnswIndexResult | AiSearchIndexResult


def build_index(target: Target, place: str, to: str | None = None, wish: IndexOptions = DEFAULT_OPTIONS) -> IndexResult:
    """Build the index of a place's vectors: in that place, or in `azure-search`. Raises Failure."""
    if to == "azure-search":
        return index_in_ai_search(target, place, wish.rebuild)
    return index_lake(target) if place == "lake" else index_database(target, wish)
