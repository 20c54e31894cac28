"""The index in Azure AI Search: its definition, its manifest, and the clients of the service.

https://learn.microsoft.com/rest/api/searchservice/ (2026-04-01). The free service has 50 MB for everything
(https://learn.microsoft.com/azure/search/search-limits-quotas-capacity), and FER2013's 28,709 vectors are 59 MB as
float32, which the service keeps up to three times. So they are stored once, as float16 (29 MB, without quantization,
which search would have to compensate for): `stored` false drops the JSON they came in, and without compression the
graph has the only copy (https://learn.microsoft.com/azure/search/vector-search-how-to-storage-options).
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from azure.core.exceptions import DecodeError
from azure.search.documents import SearchClient
from azure.search.documents.indexes import SearchIndexClient
from azure.search.documents.indexes.models import (
    HnswAlgorithmConfiguration,
    HnswParameters,
    SearchField,
    SearchIndex,
    VectorSearch,
    VectorSearchProfile,
)

from jobs.azure.errors import translate_errors
from jobs.azure.login import credential
from jobs.azure.retries import Retries
from jobs.azure.transport import SpeakingTransport
from jobs.errors import ErrorKind, JobError
from jobs.postgres.rows import DIMENSIONS
from jobs.provenance import Provenance
from jobs.target import Target

NAME = "imagenes-fer"
EF_SEARCH = 500
ROLE = "Search Index Data Contributor (and Search Service Contributor for `index`)"


@dataclass(frozen=True)
class Manifest:
    """What the index was built from, stored in its description. `whole` is set last, when all documents are sent."""

    made_with: Provenance
    whole: bool

    def to_text(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str | None) -> "Manifest | None":
        """None for a description that is not ours."""
        try:
            fields = json.loads(text or "")
            return cls(Provenance(**fields["made_with"]), bool(fields["whole"]))
        except (ValueError, KeyError, TypeError):
            return None


@dataclass(frozen=True)
class Clients:
    """`definitions` for the index itself, `documents` for its content."""

    definitions: SearchIndexClient
    documents: SearchClient


@contextmanager
def open_clients(target: Target, index: str = NAME) -> Iterator[Clients]:
    """Clients of the stack's search service. Raises JobError if it has none, and for what the service refuses."""
    require_service(target)
    host = target.search_url.removeprefix("https://").rstrip("/")
    with (
        translate_errors(
            f"the search service {host}", ROLE, "run the same command again, with --rebuild if that does not help"
        ),
        SearchIndexClient(
            target.search_url, credential(), retry_policy=Retries(), transport=SpeakingTransport()
        ) as definitions,
        SearchClient(
            target.search_url, index, credential(), retry_policy=Retries(), transport=SpeakingTransport()
        ) as documents,
    ):
        try:
            yield Clients(definitions, documents)
        except json.JSONDecodeError as error:  # the SDK's own, of a body that is cut off, or a proxy's page
            raise DecodeError("The answer is not from the search service") from error


def require_service(target: Target) -> None:
    """Raises JobError if the stack has no search service."""
    if not target.search_url:
        raise JobError(
            "The stack has no search service: run `pulumi config set search free`, then `pulumi up`.",
            ErrorKind.not_found,
        )


def index_definition(manifest: Manifest) -> SearchIndex:
    """The index. Its field `row` shows which rows have changed: the service does not return vectors."""
    return SearchIndex(
        name=NAME,
        description=manifest.to_text(),
        fields=[
            plain_field("id", key=True, filterable=True, sortable=True),
            plain_field("filepath"),
            plain_field("emotion", filterable=True, facetable=True),
            plain_field("row"),
            SearchField(
                name="vector",
                type="Collection(Edm.Half)",
                searchable=True,
                hidden=True,
                stored=False,
                vector_search_dimensions=DIMENSIONS,
                vector_search_profile_name="nearest",
            ),
        ],
        vector_search=VectorSearch(
            algorithms=[
                HnswAlgorithmConfiguration(name="hnsw", parameters=HnswParameters(metric="cosine", ef_search=EF_SEARCH))
            ],
            profiles=[VectorSearchProfile(name="nearest", algorithm_configuration_name="hnsw")],
        ),
    )


def plain_field(
    name: str, *, key: bool = False, filterable: bool = False, sortable: bool = False, facetable: bool = False
) -> SearchField:
    """A text field that is stored and not searched for words."""
    return SearchField(
        name=name,
        type="Edm.String",
        key=key,
        searchable=False,
        filterable=filterable,
        sortable=sortable,
        facetable=facetable,
    )
