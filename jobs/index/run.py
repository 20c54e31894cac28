"""index: make search fast. In the lake faiss over the Parquet, in the database pgvector's HNSW, or Azure AI Search."""

from typing import TypeAlias

from jobs.index import ai_search_index as azure_search
from jobs.index import faiss_index as lake
from jobs.index import hnsw_index as database
from jobs.index.faiss_index import CURRENT
from jobs.index.hnsw_index import DEFAULT, Wish, index_database
from jobs.target import Target

__all__ = ["CURRENT", "PLACES", "Result", "Wish", "index_database", "run"]

PLACES = ("lake", "database")
"""Where vectors come from."""

Result: TypeAlias = lake.Result | database.Result | azure_search.Result


def run(target: Target, place: str, to: str | None = None, wish: Wish = DEFAULT) -> Result:
    """Build the index of a place's vectors: in that place, or in `azure-search`. Raises Failure."""
    if to == "azure-search":
        return azure_search.index_azure_search(target, place, wish.rebuild)
    return lake.index_lake(target) if place == "lake" else index_database(target, wish)
