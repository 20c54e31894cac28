"""Search the index in Azure AI Search. The service applies the filter by emotion while it walks the HNSW.

https://learn.microsoft.com/rest/api/searchservice/documents/search-post
"""

from azure.core.exceptions import ResourceNotFoundError
from azure.search.documents import SearchClient
from azure.search.documents.models import VectorFilterMode, VectorizedQuery

from jobs.errors import ErrorKind, JobError
from jobs.index.ai_search_schema import EF_SEARCH, NAME, Clients, Manifest, open_clients
from jobs.postgres.copy import Vector
from jobs.provenance import Provenance
from jobs.search.kept_open import KeptOpen
from jobs.search.place import Found
from jobs.search.query import Match, nearest_first, no_such_emotion
from jobs.target import Target

COMMAND = "`python -m jobs index --to azure-search`"
NOT_WHOLE = f"The last {COMMAND} did not finish, so pictures may be missing from the result: run it again."


class AzureSearchPlace:
    """The index in the stack's search service. It does not give vectors back."""

    def __init__(self, target: Target) -> None:
        self._kept = KeptOpen(lambda: open_clients(target))

    def made_with(self) -> Provenance:
        return self._kept.ask(read_manifest).made_with

    def vector(self, id: int) -> None:
        return None

    def nearest(self, vector: Vector, k: int, emotion: str | None) -> Found:
        """Raises JobError without an index, or if no picture has the emotion."""

        def search(clients: Clients) -> tuple[list[Match], Manifest]:
            manifest = read_manifest(clients)
            matches = query_documents(clients.documents, vector, k, emotion)
            if emotion and not matches:
                raise no_such_emotion(emotion, list_emotions(clients.documents))
            return matches, manifest

        matches, manifest = self._kept.ask(search)
        notes = () if manifest.whole else (NOT_WHOLE,)
        return Found(nearest_first(matches)[:k], k > EF_SEARCH, manifest.made_with, notes)

    def close(self) -> None:
        self._kept.close()


def query_documents(documents: SearchClient, vector: Vector, k: int, emotion: str | None) -> list[Match]:
    """The service's answer. With a k above EF_SEARCH it compares every vector: the HNSW returns no more."""
    query = VectorizedQuery(vector=vector.tolist(), k_nearest_neighbors=k, fields="vector", exhaustive=k > EF_SEARCH)
    found = documents.search(
        vector_queries=[query],
        filter=emotion_filter(emotion) if emotion else None,
        vector_filter_mode=VectorFilterMode.PRE_FILTER,
        select=["id", "filepath", "emotion"],
        top=k,
    )
    return [
        Match(int(each["id"]), each["filepath"], each["emotion"], score_to_distance(each["@search.score"]))
        for each in found
    ]


def read_manifest(clients: Clients) -> Manifest:
    """What the index was built from. Raises JobError if there is no index of ours."""
    try:
        manifest = Manifest.from_text(clients.definitions.get_index(NAME).description)
    except ResourceNotFoundError:
        manifest = None
    if manifest is None:
        raise JobError(f"Azure AI Search has no index of these pictures: run {COMMAND}.", ErrorKind.not_found)
    return manifest


def emotion_filter(emotion: str) -> str:
    """An OData filter. A quote inside an OData string is doubled."""
    quoted = emotion.replace("'", "''")
    return f"emotion eq '{quoted}'"


def score_to_distance(score: float) -> float:
    """1 - cosine from the service's score, which is 1 / (1 + distance). float16 may make it negative: then 0.

    https://learn.microsoft.com/azure/search/vector-search-ranking#scores-in-a-vector-search-results
    """
    return max(0.0, 1 / score - 1)


def list_emotions(client: SearchClient) -> list[str]:
    """The emotions of the index's pictures."""
    facets = client.search("*", facets=["emotion,count:0"], top=0).get_facets() or {}
    return [each["value"] for each in facets.get("emotion", [])]
