"""documents search --from azure-search: the same passages and places, found and ranked by the service."""

from psycopg2.extensions import connection

from jobs.documents import azure_search
from jobs.documents.azure_search import Document, Query
from jobs.documents.search import AZURE_SEARCH, DocumentsResult, Found, Search, recorded_embedder
from jobs.documents.words import question_words
from jobs.errors import ErrorKind, JobError
from jobs.index.ai_search_schema import open_clients
from jobs.target import Target

COMMAND = "`python -m jobs documents add PATH --to azure-search`"
NOT_WHOLE = f"The last {COMMAND} did not finish, so passages may be missing: run it again."


def search_service(target: Target, db: connection, search: Search) -> DocumentsResult:
    """The k best passages of the collection's index. Raises JobError where there is none, or it cannot be asked."""
    words, is_spanish = question_words(db, search.query)
    with open_clients(target, azure_search.index_name(search.collection)) as clients:
        manifest = azure_search.read_manifest(clients, search.collection)
        if manifest is None:
            raise JobError(
                f"Azure AI Search has no documents of {search.collection}: run {COMMAND}.", ErrorKind.not_found
            )
        embedder, note = recorded_embedder(manifest.holds(), search)
        by_meaning = embedder if embedder and not (embedder.english_only and is_spanish) else None
        query = Query(words, by_meaning.embed([search.query])[0] if by_meaning else None, search.k)
        found = list(azure_search.find_passages(clients, query))
    return DocumentsResult(
        query=search.query,
        collection=search.collection,
        results=[to_found(n, each) for n, each in enumerate(found, 1)],
        note=" ".join(filter(None, (note, "" if manifest.whole else NOT_WHOLE))),
    )


def to_found(n: int, document: Document) -> Found:
    score = round(float(document["@search.score"]), 6)
    return Found(n, document["document"], document["heading"], document["page"], AZURE_SEARCH, score, document["text"])
