"""Azure AI Search: make its index equal to the lake's or the database's vectors, sending what differs.

Killed, it goes on where it stopped: what is there already is not sent again.
"""

import base64
import hashlib
import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from azure.core.exceptions import ResourceNotFoundError
from azure.search.documents import IndexDocumentsBatch, SearchClient
from azure.search.documents.models import IndexAction

from jobs import terminal
from jobs.azure.retries import MAX_RETRIES, add_jitter
from jobs.errors import JobError
from jobs.index.ai_search_schema import NAME, Clients, Manifest, index_definition, open_clients, require_service
from jobs.index.faiss_index import read_parquet_rows, read_recorded
from jobs.postgres.connection import fetch_value, open_connection
from jobs.postgres.rows import DIMENSIONS, Rows, read_rows, require_provenance
from jobs.provenance import Provenance
from jobs.storage.client import lake_container, translate_storage_errors
from jobs.storage.lake import open_parquet, picture_prefix
from jobs.target import Target

Document: TypeAlias = dict[str, Any]

# The service takes 1,000 documents or 16 MB at once:
# https://learn.microsoft.com/azure/search/search-limits-quotas-capacity#api-request-limits
BATCH_DOCUMENTS, BATCH_BYTES = 1000, 8 * 1024 * 1024
PAGE = 1000
ROW_BYTES = DIMENSIONS * 2 * 1.1 + 200  # float16, a tenth for the graph, and the texts
PASSING = (409, 422, 429, 503)  # of one document: somebody else writes it, the service is busy
FIRST_PAUSE = 0.25
DECIMALS = 6  # of numbers below 1: finer than the float16 they become


@dataclass(frozen=True, kw_only=True)
class AiSearchIndexResult:
    """`uploaded` are new and changed, `deleted` those whose row is gone; `place` is where the vectors are now."""

    place: str = "azure-search"
    rows: int
    uploaded: int
    unchanged: int
    deleted: int
    seconds: float

    def summary(self) -> str:
        did = f"{self.uploaded} sent, {self.unchanged} there already, {self.deleted} deleted"
        return f"{self.rows} vectors in Azure AI Search, index {NAME}: {did} ({self.seconds:.1f} s)"


@dataclass(frozen=True)
class VectorSource:
    """Where the vectors come from: how many, what made them, and the rows, some at a time."""

    count: int
    made_with: Provenance
    rows: Iterator[Rows]


def index_in_ai_search(target: Target, place: str, rebuild: bool = False) -> AiSearchIndexResult:
    """Raises Failure where the stack has no search service, or where the vectors do not fit into it."""
    started = time.perf_counter()
    require_service(target)
    # The source is the outer one: it would take what the search service refuses for its own.
    with open_source(target, place) as vectors, open_clients(target) as clients:
        create_index(clients, vectors, rebuild)
        there = dict(indexed_fingerprints(clients.documents))
        gone, uploaded = set(there), 0
        with terminal.progress("index", vectors.count) as advance:
            for batch in batches(changed_documents(vectors.rows, there, gone, advance)):
                upload_batch(clients.documents, batch)
                uploaded += len(batch)
        for batch in batches({"@search.action": "delete", "id": key} for key in sorted(gone)):
            upload_batch(clients.documents, batch)
        clients.definitions.create_or_update_index(index_definition(Manifest(vectors.made_with, whole=True)))
    return AiSearchIndexResult(
        rows=vectors.count,
        uploaded=uploaded,
        unchanged=vectors.count - uploaded,
        deleted=len(gone),
        seconds=round(time.perf_counter() - started, 3),
    )


@contextmanager
def open_source(target: Target, place: str) -> Iterator[VectorSource]:
    """The lake's Parquet or the database's table, for the length of the block."""
    if place == "lake":
        container = lake_container(target)
        with translate_storage_errors(container), open_parquet(container) as file:
            rows = read_parquet_rows(file, picture_prefix(target))
            yield VectorSource(file.metadata.num_rows, read_recorded(file), rows)
        return
    with open_connection(target) as db:
        known, count = require_provenance(db), fetch_value(db, "SELECT count(*) FROM imagenes_fer")
        db.rollback()
        yield VectorSource(count, known, read_rows(db))


def create_index(clients: Clients, vectors: VectorSource, rebuild: bool) -> None:
    """Have an index for these vectors, marked as not whole. One of other weights goes: vectors of two never mix.

    Raises Failure where the vectors take more than the service has, and for an index of that name that is not ours.
    """
    quota = clients.definitions.get_service_statistics().counters.storage_size_counter.quota
    needed = int(vectors.count * ROW_BYTES)
    if quota and needed > quota:
        raise JobError(
            f"{vectors.count} vectors take about {needed / 1e6:.0f} MB and the search service has {quota / 1e6:.0f} MB "
            "in all: run `pulumi config set search basic`, then `pulumi up`."
        )
    try:
        known = Manifest.from_text(clients.definitions.get_index(NAME).description)
        if known is None and not rebuild:
            raise JobError(f"The search service has an index {NAME} of somebody else's: `--rebuild` replaces it.")
        if rebuild or known is None or known.made_with != vectors.made_with:
            clients.definitions.delete_index(NAME)
    except ResourceNotFoundError:
        pass
    clients.definitions.create_or_update_index(index_definition(Manifest(vectors.made_with, whole=False)))


def indexed_fingerprints(client: SearchClient) -> Iterator[tuple[str, str]]:
    """Key and `row` of every document. By key, page after page: the service skips no more than 100,000."""
    last = ""
    while True:
        after = f"id gt '{last}'" if last else None
        page = list(client.search("*", filter=after, order_by=["id"], select=["id", "row"], top=PAGE))
        yield from ((found["id"], found["row"]) for found in page)
        if len(page) < PAGE:
            return
        last = page[-1]["id"]


def changed_documents(
    groups: Iterable[Rows], there: dict[str, str], gone: set[str], advance: terminal.Advance
) -> Iterator[Document]:
    """The documents to send: of rows that are not there as they are now. Keys that still have a row leave `gone`."""
    for rows in groups:
        lengths = np.linalg.norm(rows.vectors, axis=1, keepdims=True)
        unit = np.round(rows.vectors.astype(np.float64) / np.where(lengths, lengths, 1), DECIMALS)
        for n, id in enumerate(rows.ids):
            key, labels = str(id), {"filepath": rows.filepaths[n], "emotion": rows.emotions[n]}
            row = fingerprint(rows.vectors[n].tobytes(), labels)
            gone.discard(key)
            if there.get(key) != row:
                yield {"@search.action": "upload", "id": key, **labels, "row": row, "vector": unit[n].tolist()}
        advance(len(rows.ids))


def fingerprint(vector: bytes, labels: dict[str, str]) -> str:
    """72 bits that change with anything in a row."""
    digest = hashlib.sha256(json.dumps(labels, sort_keys=True).encode() + vector).digest()
    return base64.urlsafe_b64encode(digest[:9]).decode()


def batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    """As many documents as the service takes at once."""
    batch: list[Document] = []
    size = 0
    for document in documents:
        length = len(json.dumps(document))
        if batch and (len(batch) == BATCH_DOCUMENTS or size + length > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(document)
        size += length
    if batch:
        yield batch


def upload_batch(client: SearchClient, batch: list[Document]) -> None:
    """Send documents; those that the service could not take for the moment, and only those, again.

    Raises Failure for a document that it refuses for good.
    """
    for attempt in range(MAX_RETRIES + 1):
        results = client.index_documents(IndexDocumentsBatch(actions=[IndexAction(each) for each in batch]))
        failed = {result.key: result for result in results if not result.succeeded}
        if not failed:
            return
        lasting = [each for each in failed.values() if each.status_code not in PASSING]
        if lasting or attempt == MAX_RETRIES:
            first = (lasting or list(failed.values()))[0]
            raise JobError(
                f"Azure AI Search refuses {len(failed)} rows, the first with id {first.key} ({first.error_message}): "
                "run the same command again, or `pulumi config set search basic` where it is full."
            )
        batch = [document for document in batch if document["id"] in failed]
        time.sleep(add_jitter(FIRST_PAUSE * 2**attempt))
