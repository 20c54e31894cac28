"""Search the lake's own index. It is exact, also with an emotion."""

import faiss
import numpy as np

from jobs.index.faiss_index import load_index
from jobs.provenance import Provenance
from jobs.search.query import Embed, Match, Query, nearest_first, no_such_emotion
from jobs.storage.client import lake_container, translate_storage_errors
from jobs.storage.lake import parquet_etag
from jobs.target import Target
from jobs.terminal import log


def search_lake(target: Target, query: Query, embed: Embed) -> tuple[Provenance, list[Match]]:
    """The nearest pictures in the lake, and what filled it. Raises JobError if it has no index or no such emotion."""
    container = lake_container(target)
    with translate_storage_errors(container):
        manifest, vectors, labels = load_index(container)
        if manifest.parquet_etag != parquet_etag(container):
            log("The Parquet is newer than its index: `python -m jobs index` updates the index.")
    emotions = np.array(labels["emotion"].to_pylist(), dtype=object)
    candidates = np.flatnonzero(emotions == query.emotion) if query.emotion else np.arange(len(emotions))
    if not len(candidates):
        if query.emotion:
            raise no_such_emotion(query.emotion, set(emotions))
        return manifest.provenance, []
    vector = np.array([embed(manifest.provenance)])
    faiss.normalize_L2(vector)
    only = faiss.SearchParameters(sel=faiss.IDSelectorBatch(candidates))  # type: ignore[call-arg]  # by name only
    cosines, positions = vectors.search(vector, min(query.k, len(candidates)), params=only)
    # Row by row: `take` imports pandas where it is installed.
    rows = [row for position in positions[0].tolist() for row in labels.slice(position, 1).to_pylist()]
    matches = [Match(**row, distance=max(0.0, 1 - float(cosine))) for row, cosine in zip(rows, cosines[0], strict=True)]
    return manifest.provenance, nearest_first(matches)
