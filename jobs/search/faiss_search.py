"""Search the lake's own index. It is exact, whatever the emotion."""

import faiss
import numpy as np

from jobs.index.faiss_index import load_index, parquet_etag
from jobs.provenance import Provenance
from jobs.search.query import Embed, Match, Query, nearest_first, no_such_emotion
from jobs.storage.client import lake_container, translate_storage_errors
from jobs.target import Target
from jobs.terminal import log


def search_lake(target: Target, query: Query, embed: Embed) -> tuple[Provenance, list[Match]]:
    container = lake_container(target)
    with translate_storage_errors(container):
        manifest, vectors, labels = load_index(container)
        if manifest.parquet_etag != parquet_etag(container):
            log("The Parquet is newer than its index: `python -m jobs index` brings the index up to date.")
    known = manifest.recorded()
    emotions = np.array(labels["emotion"].to_pylist(), dtype=object)
    wanted = np.flatnonzero(emotions == query.emotion) if query.emotion else np.arange(len(emotions))
    if not len(wanted):
        if query.emotion:
            raise no_such_emotion(query.emotion, set(emotions))
        return known, []
    vector = np.array([embed(known)])
    faiss.normalize_L2(vector)
    only = faiss.SearchParameters(sel=faiss.IDSelectorBatch(wanted))  # type: ignore[call-arg]  # by name only
    cosines, places = vectors.search(vector, min(query.k, len(wanted)), params=only)
    rows = labels.take(places[0]).to_pylist()
    found = [Match(**row, distance=max(0.0, 1 - float(cosine))) for row, cosine in zip(rows, cosines[0], strict=True)]
    return known, nearest_first(found)
