"""Azure AI Search: make its index equal to the vectors of the lake or the database. Only what differs is sent.

A run that was killed goes on where it stopped: what the index has already is not sent again.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from azure.core.exceptions import ResourceNotFoundError

from jobs import terminal
from jobs.errors import ErrorKind, JobError
from jobs.index.ai_search_documents import changed_documents, indexed_fingerprints, split_batches, upload_batch
from jobs.index.ai_search_schema import NAME, Clients, Manifest, index_definition, open_clients, require_service
from jobs.index.faiss_index import read_vectors
from jobs.index.parquet_provenance import find_provenance
from jobs.postgres.connection import fetch_value, open_connection
from jobs.postgres.rows import DIMENSIONS, Rows, read_rows
from jobs.provenance import Provenance, require_provenance
from jobs.storage.client import lake_container, translate_storage_errors
from jobs.storage.lake import open_parquet, picture_prefix
from jobs.target import Target

ROW_BYTES = DIMENSIONS * 2 * 1.1 + 200  # float16, a tenth for the graph, and the texts


@dataclass(frozen=True, kw_only=True)
class AiSearchIndexResult:
    """`uploaded` documents were new or changed, `deleted` ones had no row; `place` is where the vectors are now."""

    place: str = "azure-search"
    rows: int
    uploaded: int
    unchanged: int
    deleted: int
    seconds: float

    def summary(self) -> str:
        counts = f"{self.uploaded} sent, {self.unchanged} there already, {self.deleted} deleted"
        return f"{self.rows} vectors in Azure AI Search, index {NAME}: {counts} ({self.seconds:.1f} s)"


@dataclass(frozen=True)
class VectorSource:
    """Vectors to index: how many, what filled them, and their rows in groups."""

    count: int
    provenance: Provenance
    rows: Iterator[Rows]


def index_in_ai_search(target: Target, source: str, rebuild: bool = False) -> AiSearchIndexResult:
    """Index the source's vectors. Raises JobError without a search service, or if they do not fit into it."""
    started = time.perf_counter()
    require_service(target)
    # The source is opened first: otherwise it would report the search service's errors as its own.
    with open_source(target, source) as vectors, open_clients(target) as clients:
        create_index(clients, vectors, rebuild)
        indexed = dict(indexed_fingerprints(clients.documents))
        obsolete, uploaded = set(indexed), 0
        with terminal.progress("index", vectors.count) as advance:
            for batch in split_batches(changed_documents(vectors.rows, indexed, obsolete, advance)):
                upload_batch(clients.documents, batch)
                uploaded += len(batch)
        for batch in split_batches({"@search.action": "delete", "id": key} for key in sorted(obsolete)):
            upload_batch(clients.documents, batch)
        clients.definitions.create_or_update_index(index_definition(Manifest(vectors.provenance, whole=True)))
    return AiSearchIndexResult(
        rows=vectors.count,
        uploaded=uploaded,
        unchanged=vectors.count - uploaded,
        deleted=len(obsolete),
        seconds=round(time.perf_counter() - started, 3),
    )


@contextmanager
def open_source(target: Target, source: str) -> Iterator[VectorSource]:
    """The lake's Parquet or the database's table, for the length of the block."""
    if source == "lake":
        container = lake_container(target)
        with translate_storage_errors(container), open_parquet(container) as file:
            rows = read_vectors(file, picture_prefix(target))
            yield VectorSource(file.metadata.num_rows, find_provenance(target, file), rows)
        return
    with open_connection(target) as db:
        provenance, count = require_provenance(db), fetch_value(db, "SELECT count(*) FROM imagenes_fer")
        db.rollback()
        yield VectorSource(count, provenance, read_rows(db))


def create_index(clients: Clients, vectors: VectorSource, rebuild: bool) -> None:
    """Create the index, marked as not whole, if there is none. An index of other weights is deleted: they never mix.

    Raises JobError if the service has not enough storage, and for an index of that name that is not ours.
    """
    quota = clients.definitions.get_service_statistics().counters.storage_size_counter.quota
    needed = int(vectors.count * ROW_BYTES)
    if quota and needed > quota:
        raise JobError(
            f"{vectors.count} vectors take about {needed / 1e6:.0f} MB and the search service has {quota / 1e6:.0f} MB "
            "in all: run `pulumi config set search basic`, then `pulumi up`.",
            ErrorKind.refused,
        )
    try:
        manifest = Manifest.from_text(clients.definitions.get_index(NAME).description)
        if manifest is None and not rebuild:
            raise JobError(
                f"The search service has an index {NAME} that this project did not create: `--rebuild` replaces it.",
                ErrorKind.conflict,
            )
        if rebuild or manifest is None or manifest.made_with != vectors.provenance:
            clients.definitions.delete_index(NAME)
    except ResourceNotFoundError:
        pass
    clients.definitions.create_or_update_index(index_definition(Manifest(vectors.provenance, whole=False)))
