"""Search the index in Azure AI Search. The service applies the filter by emotion while it walks the HNSW.

https://learn.microsoft.com/rest/api/searchservice/documents/search-post
"""

from azure.core.exceptions import ResourceNotFoundError
from azure.search.documents import SearchClient
from azure.search.documents.models import VectorFilterMode, VectorizedQuery

from jobs.errors import ErrorKind, JobError
from jobs.index.ai_search_schema import EF_SEARCH, NAME, Clients, Manifest, open_clients
from jobs.provenance import Provenance
from jobs.search.query import Embed, Match, Query, nearest_first, no_such_emotion
from jobs.target import Target
from jobs.terminal import log

COMMAND = "`python -m jobs index --to azure-search`"


def search_azure_search(target: Target, query: Query, embed: Embed) -> tuple[Provenance, list[Match]]:
    """The nearest pictures in the index, and what filled it. Raises JobError without an index or such an emotion."""
    with open_clients(target) as clients:
        manifest = read_manifest(clients)
        if not manifest.whole:
            log(f"The last {COMMAND} did not finish, so pictures may be missing from the result: run it again.")
        vector = VectorizedQuery(
            vector=embed(manifest.made_with).tolist(),
            k_nearest_neighbors=query.k,
            fields="vector",
            exhaustive=query.k > EF_SEARCH,  # the HNSW returns no more
        )
        documents = clients.documents.search(
            vector_queries=[vector],
            filter=emotion_filter(query.emotion) if query.emotion else None,
            vector_filter_mode=VectorFilterMode.PRE_FILTER,
            select=["id", "filepath", "emotion"],
            top=query.k,
        )
        matches = [
            Match(int(each["id"]), each["filepath"], each["emotion"], score_to_distance(each["@search.score"]))
            for each in documents
        ]
        if query.emotion and not matches:
            raise no_such_emotion(query.emotion, list_emotions(clients.documents))
    return manifest.made_with, nearest_first(matches)[: query.k]


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
