"""Build an index, with faiss over the lake's Parquet, pgvector's HNSW in the database, or Azure AI Search."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from jobs.embed.picture_files import target_files
from jobs.embed.trust import require_trusted
from jobs.index.faiss_index import CURRENT, FaissIndexResult, index_lake
from jobs.index.hnsw_index import DEFAULT_OPTIONS, HnswIndexResult, IndexOptions, index_database
from jobs.postgres.connection import open_connection
from jobs.provenance import has_rows, read_record
from jobs.target import Target

if TYPE_CHECKING:
    from jobs.index.ai_search_index import AiSearchIndexResult

__all__ = ["CURRENT", "SOURCES", "IndexOptions", "IndexResult", "build_index", "index_database"]

SOURCES = ("lake", "database")
"""Where vectors come from."""

IndexResult: TypeAlias = "FaissIndexResult | HnswIndexResult | AiSearchIndexResult"


def build_index(
    target: Target, source: str, to: str | None = None, options: IndexOptions = DEFAULT_OPTIONS
) -> IndexResult:
    """Build an index of the source's vectors, in the source itself or in `azure-search`. Raises JobError."""
    if source == "database":
        prove_stale_record(target)
    if to == "azure-search":
        from jobs.index.ai_search_index import index_in_ai_search

        return index_in_ai_search(target, source, options.rebuild)
    return index_lake(target) if source == "lake" else index_database(target, options)


def prove_stale_record(target: Target) -> None:
    """Compute vectors again if the table was dropped, restored or renamed since its record was written.

    Raises JobError if that is not what filled it: an index of it would give wrong neighbours.
    """
    with open_connection(target) as db:
        record = read_record(db)
        if record and not record.bound and has_rows(db):
            require_trusted(db, target_files(target))
