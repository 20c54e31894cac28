"""The documents of the index in Azure AI Search: which of them differ from the rows, and how they are sent."""

import base64
import hashlib
import json
import math
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeAlias

import numpy as np
from azure.search.documents import IndexDocumentsBatch, SearchClient
from azure.search.documents.models import IndexAction, IndexingResult

from jobs.azure.retries import MAX_RETRIES, add_jitter
from jobs.errors import JobError
from jobs.postgres.rows import Rows
from jobs.terminal import Advance
from jobs.wait import backoff, wait_until

Document: TypeAlias = dict[str, Any]

# The service accepts 1,000 documents or 16 MB at once:
# https://learn.microsoft.com/azure/search/search-limits-quotas-capacity#api-request-limits
BATCH_DOCUMENTS, BATCH_BYTES = 1000, 8 * 1024 * 1024
PAGE_ROWS = 1000
TRANSIENT_STATUSES = (409, 422, 429, 503)  # of a document: another client writes it, or the service is busy
FIRST_PAUSE = 0.25
DECIMALS = 6  # of numbers below 1: finer than the float16 they become


def indexed_fingerprints(client: SearchClient) -> Iterator[tuple[str, str]]:
    """Key and `row` of every document, page by page in order of the key: the service skips at most 100,000."""
    last = ""
    while True:
        after = f"id gt '{last}'" if last else None
        page = list(client.search("*", filter=after, order_by=["id"], select=["id", "row"], top=PAGE_ROWS))
        yield from ((document["id"], document["row"]) for document in page)
        if len(page) < PAGE_ROWS:
            return
        last = page[-1]["id"]


def changed_documents(
    groups: Iterable[Rows], indexed: dict[str, str], obsolete: set[str], advance: Advance
) -> Iterator[Document]:
    """The documents that are not `indexed` as they are now. Removes keys that have a row from `obsolete`."""
    for rows in groups:
        lengths = np.linalg.norm(rows.vectors, axis=1, keepdims=True)
        unit = np.round(rows.vectors.astype(np.float64) / np.where(lengths, lengths, 1), DECIMALS)
        for n, id in enumerate(rows.ids):
            key, labels = str(id), {"filepath": rows.filepaths[n], "emotion": rows.emotions[n]}
            row = row_fingerprint(rows.vectors[n].tobytes(), labels)
            obsolete.discard(key)
            if indexed.get(key) != row:
                yield {"@search.action": "upload", "id": key, **labels, "row": row, "vector": unit[n].tolist()}
        advance(len(rows.ids))


def row_fingerprint(vector: bytes, labels: dict[str, str]) -> str:
    """72 bits of a hash of everything in a row."""
    digest = hashlib.sha256(json.dumps(labels, sort_keys=True).encode() + vector).digest()
    return base64.urlsafe_b64encode(digest[:9]).decode()


def split_batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    """As many documents at a time as the service accepts."""
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
    """Send documents, and again those that the service could not accept for the moment.

    Raises JobError for a document that it refuses for good, or still refuses after MAX_RETRIES more tries.
    """
    remaining, failed = batch, list[IndexingResult]()

    def send() -> bool:
        """Whether all documents are accepted, or one is refused for good."""
        nonlocal remaining, failed
        results = client.index_documents(IndexDocumentsBatch(actions=[IndexAction(each) for each in remaining]))
        failed = [result for result in results if not result.succeeded]
        keys = {result.key for result in failed}
        remaining = [document for document in remaining if document["id"] in keys]
        return not failed or any(result.status_code not in TRANSIENT_STATUSES for result in failed)

    pauses = map(add_jitter, islice(backoff(FIRST_PAUSE, math.inf), MAX_RETRIES))
    wait_until(send, every=pauses, at_most=math.inf)
    if failed:
        first = next((result for result in failed if result.status_code not in TRANSIENT_STATUSES), failed[0])
        raise JobError(
            f"Azure AI Search refuses {len(failed)} rows, the first with id {first.key} ({first.error_message}): run "
            "the same command again, or `pulumi config set search basic` if the service is full."
        )
