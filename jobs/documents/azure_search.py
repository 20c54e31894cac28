"""The passages of a collection in Azure AI Search: found there by words and by meaning, in one request.

The index is made equal to the collection in the database, where files are known by their content; only what differs is
sent. https://learn.microsoft.com/azure/search/hybrid-search-how-to-query
"""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from azure.core.exceptions import ResourceNotFoundError
from azure.search.documents.indexes.models import (
    HnswAlgorithmConfiguration,
    HnswParameters,
    SearchField,
    SearchIndex,
    VectorSearch,
    VectorSearchProfile,
)
from azure.search.documents.models import VectorizedQuery, VectorQuery

from jobs.documents.store import Collection, read_collection
from jobs.errors import ErrorKind, JobError
from jobs.index.ai_search_documents import indexed_fingerprints, split_batches, upload_batch
from jobs.index.ai_search_schema import Clients, open_clients, plain_field
from jobs.postgres.connection import open_connection
from jobs.postgres.copy import Vector
from jobs.target import Target

DEPTH = 50  # of the nearest passages, which the service merges with those found by words
# Each text is searched in both languages, and as it is written: a name is not stemmed.
ANALYZERS = {"text": "standardasciifolding.lucene", "english": "en.lucene", "spanish": "es.lucene"}
PASSAGES = """
SELECT d.name, p.position, p.heading, p.page, p.text, p.vector::text
FROM passage p JOIN document d ON d.id = p.document_id WHERE d.collection = %s ORDER BY d.name, p.position
"""

Document = dict[str, Any]


@dataclass(frozen=True)
class Manifest:
    """What an index holds, in its description. `whole` is set last, when all passages are sent."""

    collection: str
    model: str
    dimensions: int
    whole: bool

    def holds(self) -> Collection:
        return Collection(self.collection, self.model, self.dimensions)


@dataclass(frozen=True)
class IndexedDocuments:
    """How many passages were sent to the service, and deleted there."""

    index: str
    sent: int
    deleted: int


def index_name(collection: str) -> str:
    """The name of a collection's index: small letters, digits and hyphens, as the service wants it."""
    plain = re.sub(r"[^a-z0-9]+", "-", collection.lower()).strip("-")
    more = "" if plain == collection else hashlib.sha256(collection.encode()).hexdigest()[:8]
    return "-".join(filter(None, ("documents", plain, more)))


def index_collection(target: Target, name: str, only_existing: bool = False) -> IndexedDocuments | None:
    """Make the index equal to the collection. Returns None where there is no index, with `only_existing`.

    Raises JobError without a search service, for an index of that name that is not ours, and for what it refuses.
    """
    with open_connection(target, only_read=True) as db, db.cursor() as cursor:
        collection = read_collection(db, name)
        rows = []
        if collection:
            cursor.execute(PASSAGES, (name,))
            rows = cursor.fetchall()
    with open_clients(target, index_name(name)) as clients:
        found = read_manifest(clients, name)
        if found is None and only_existing:
            return None
        holds = collection or (found.holds() if found else Collection(name, "", 0))
        create_index(clients, found, holds)
        documents = {each["id"]: each for each in map(to_document, rows)}
        indexed = dict(indexed_fingerprints(clients.documents))
        changed = [each for key, each in documents.items() if indexed.get(key) != each["row"]]
        gone = sorted(indexed.keys() - documents.keys())
        for batch in split_batches([*changed, *({"@search.action": "delete", "id": key} for key in gone)]):
            upload_batch(clients.documents, batch)
        clients.definitions.create_or_update_index(index_definition(to_manifest(holds, whole=True)))
    return IndexedDocuments(index_name(name), len(changed), len(gone))


def to_manifest(collection: Collection, whole: bool) -> Manifest:
    return Manifest(collection.name, collection.model, collection.dimensions, whole)


def to_document(row: tuple[str, int, str, int | None, str, str | None]) -> Document:
    """The document of a passage. `row` is a hash of everything in it: the service does not return vectors."""
    name, position, heading, page, text, vector = row
    values = {"document": name, "position": position, "heading": heading, "page": page, "text": text}
    digest = hashlib.sha256(json.dumps([values, vector]).encode()).hexdigest()
    key = f"{hashlib.sha256(name.encode()).hexdigest()[:16]}-{position:06}"
    searched = dict.fromkeys(("english", "spanish"), f"{heading}\n{text}")
    document = {"@search.action": "upload", "id": key, **values, **searched, "row": digest[:24]}
    return document | ({"vector": json.loads(vector)} if vector else {})


def read_manifest(clients: Clients, name: str) -> Manifest | None:
    """What the index holds; None where there is none. Raises JobError for one that is not ours."""
    try:
        text = clients.definitions.get_index(index_name(name)).description
    except ResourceNotFoundError:
        return None
    try:
        return Manifest(**json.loads(text or ""))
    except (ValueError, TypeError) as error:
        raise JobError(
            f"The search service has an index {index_name(name)} that this project did not create: delete it in the "
            "portal, or choose another --collection.",
            ErrorKind.conflict,
        ) from error


def create_index(clients: Clients, found: Manifest | None, holds: Collection) -> None:
    """Create the index, marked as not whole. One with vectors of another model is deleted: they never mix."""
    if found and found.holds() != holds:
        clients.definitions.delete_index(index_name(holds.name))
    clients.definitions.create_or_update_index(index_definition(to_manifest(holds, whole=False)))


def index_definition(manifest: Manifest) -> SearchIndex:
    """The index of a collection; without vectors where it is found by words alone."""
    fields = [
        plain_field("id", key=True, filterable=True, sortable=True),
        *(plain_field(name) for name in ("document", "heading", "row")),
        *(SearchField(name=name, type="Edm.Int32", searchable=False) for name in ("position", "page")),
        *(text_field(name, analyzer) for name, analyzer in ANALYZERS.items()),
    ]
    name, description = index_name(manifest.collection), json.dumps(asdict(manifest))
    if not manifest.model:
        return SearchIndex(name=name, description=description, fields=fields)
    vector = SearchField(
        name="vector",
        type="Collection(Edm.Single)",
        searchable=True,
        hidden=True,
        stored=False,
        vector_search_dimensions=manifest.dimensions,
        vector_search_profile_name="nearest",
    )
    nearest = VectorSearch(
        algorithms=[HnswAlgorithmConfiguration(name="hnsw", parameters=HnswParameters(metric="cosine"))],
        profiles=[VectorSearchProfile(name="nearest", algorithm_configuration_name="hnsw")],
    )
    return SearchIndex(name=name, description=description, fields=[*fields, vector], vector_search=nearest)


def text_field(name: str, analyzer: str) -> SearchField:
    """A field that is searched for words; only `text` itself is given back."""
    return SearchField(name=name, type="Edm.String", searchable=True, hidden=name != "text", analyzer_name=analyzer)


@dataclass(frozen=True)
class Query:
    """What is asked of the service: words, and a vector where there is a model for it."""

    words: Sequence[str]
    vector: Vector | None
    k: int


def find_passages(clients: Clients, query: Query) -> Iterator[Document]:
    """The k best passages as the service ranks them: {document, heading, page, text, @search.score}."""
    if not query.words and query.vector is None:
        return
    near: list[VectorQuery] = []
    if query.vector is not None:
        near.append(VectorizedQuery(vector=query.vector.tolist(), k_nearest_neighbors=DEPTH, fields="vector"))
    yield from clients.documents.search(
        " ".join(query.words) or None,
        vector_queries=near or None,
        search_fields=[*ANALYZERS],
        search_mode="any",
        select=["document", "heading", "page", "text"],
        top=query.k,
    )
