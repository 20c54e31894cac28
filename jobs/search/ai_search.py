"""Search Azure AI Search's index, which the service walks as a graph, the filter by emotion inside the walk.

https://learn.microsoft.com/rest/api/searchservice/documents/search-post
"""

from azure.core.exceptions import ResourceNotFoundError
from azure.search.documents import SearchClient
from azure.search.documents.models import VectorFilterMode, VectorizedQuery

from jobs.errors import JobError
from jobs.index.ai_search_schema import EF_SEARCH, NAME, Clients, Manifest, open_clients
from jobs.provenance import Provenance
from jobs.search.query import Embed, Match, Query, nearest_first, no_such_emotion
from jobs.target import Target
from jobs.terminal import log

COMMAND = "`python -m jobs index --to azure-search`"


def search_azure_search(target: Target, query: Query, embed: Embed) -> tuple[Provenance, list[Match]]:
    with open_clients(target) as clients:
        manifest = recorded(clients)
        if not manifest.whole:
            log(f"The last {COMMAND} did not end, so that pictures may be missing here: run it again.")
        vector = VectorizedQuery(
            vector=embed(manifest.made_with).tolist(),
            k_nearest_neighbors=query.k,
            fields="vector",
            exhaustive=query.k > EF_SEARCH,  # the graph hands out no more
        )
        found = clients.documents.search(
            vector_queries=[vector],
            filter=of_emotion(query.emotion) if query.emotion else None,
            vector_filter_mode=VectorFilterMode.PRE_FILTER,
            select=["id", "filepath", "emotion"],
            top=query.k,
        )
        matches = [
            Match(int(each["id"]), each["filepath"], each["emotion"], distance(each["@search.score"])) for each in found
        ]
        if query.emotion and not matches:
            raise no_such_emotion(query.emotion, emotions(clients.documents))
    return manifest.made_with, nearest_first(matches)[: query.k]


def recorded(clients: Clients) -> Manifest:
    """What the index was made from. Raises Failure where there is none."""
    try:
        manifest = Manifest.from_text(clients.definitions.get_index(NAME).description)
    except ResourceNotFoundError:
        manifest = None
    if manifest is None:
        raise JobError(f"Azure AI Search has no index of these pictures: run {COMMAND}.")
    return manifest


def of_emotion(emotion: str) -> str:
    """A filter in OData, where a quote inside a text is written twice."""
    quoted = emotion.replace("'", "''")
    return f"emotion eq '{quoted}'"


def distance(score: float) -> float:
    """1 - cosine from the service's score, which is 1 / (1 + distance); float16 may take it a little below 0.

    https://learn.microsoft.com/azure/search/vector-search-ranking#scores-in-a-vector-search-results
    """
    return max(0.0, 1 / score - 1)


def emotions(client: SearchClient) -> list[str]:
    """Those that pictures have."""
    facets = client.search("*", facets=["emotion,count:0"], top=0).get_facets() or {}
    return [each["value"] for each in facets.get("emotion", [])]
