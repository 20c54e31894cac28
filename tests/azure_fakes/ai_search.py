"""Azure AI Search: indexes, documents and vector queries (api-version 2026-04-01).

https://learn.microsoft.com/rest/api/searchservice/indexes/create-or-update
https://learn.microsoft.com/rest/api/searchservice/documents
https://learn.microsoft.com/rest/api/searchservice/documents/search-post

Vectors are stored as float16 and compared exactly. The score is 1 / (1 + cosine distance). A filter is applied before
the nearest documents are chosen.
"""

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.azure_fakes.cloud import Request, Response

HOSTS = "*.search.windows.net"
VERSION = "2026-04-01"
INDEX = re.compile(r"/indexes\('([^']+)'\)(?:/docs/(search\.index|search\.post\.search))?")
PAGE = 1000
MOST_DOCUMENTS, MOST_BYTES = 1000, 16 * 1024 * 1024
FREE_BYTES = 52_428_800


class SearchService:
    """One service with one index.

    `documents`: the documents by key. `first_responses`: returned first, one for each request. `document_errors`: by
    key, the status and message of the next writes of that document. `quota`: the storage limit in bytes. `page`:
    documents a page.
    """

    def __init__(self, quota: int = FREE_BYTES, page: int = PAGE) -> None:
        self.definition: dict[str, Any] | None = None
        self.documents: dict[str, dict[str, Any]] = {}
        self.first_responses: list[Response] = []
        self.document_errors: dict[str, list[tuple[int, str]]] = {}
        self._quota, self._page = quota, page

    def __call__(self, request: Request) -> Response:
        assert request.query["api-version"] == VERSION
        if not request.headers.get("authorization", "").startswith("Bearer "):
            return Response(401)
        if request.path == "/servicestats":
            return Response(200, statistics(self._quota))
        if self.first_responses:
            return self.first_responses.pop(0)
        path = INDEX.fullmatch(request.path)
        if path is None:
            return error_response(404, "", f"no such path: {request.path}")
        name, action = path.groups()
        if action is None:
            return self._index(request, name)
        if self.definition is None:
            return error_response(404, "IndexNotFound", f"The index '{name}' was not found.")
        return self._write(request.body) if action == "search.index" else self._search(request.body)

    def _index(self, request: Request, name: str) -> Response:
        if request.method == "PUT":
            new = self.definition is None
            if not new and self.definition["fields"] != request.body["fields"]:  # type: ignore[index]
                return error_response(400, "OperationNotAllowed", "Existing fields cannot be changed.")
            self.definition = request.body
            return Response(201 if new else 200, self.definition)
        if self.definition is None:
            return error_response(404, "ResourceNotFound", f"No index with the name '{name}' was found.")
        if request.method == "DELETE":
            self.definition, self.documents = None, {}
            return Response(204)
        return Response(200, self.definition)

    def _write(self, body: Any) -> Response:
        if len(body["value"]) > MOST_DOCUMENTS:
            return error_response(400, "", "The request has more than 1000 actions.")
        results = [self._write_one(dict(action)) for action in body["value"]]
        return Response(200 if all(each["status"] for each in results) else 207, {"value": results})

    def _write_one(self, action: dict[str, Any]) -> dict[str, Any]:
        kind, key = action.pop("@search.action"), action["id"]
        if self.document_errors.get(key):
            status, message = self.document_errors[key].pop(0)
            return {"key": key, "status": False, "errorMessage": message, "statusCode": status}
        if kind == "delete":
            self.documents.pop(key, None)
        else:
            assert kind == "upload", "a merge loses the vectors, because they are not stored"
            self.documents[key] = action | {"vector": np.array(action["vector"], np.float16)}
        return {"key": key, "status": True, "errorMessage": None, "statusCode": 200}

    def _search(self, body: Any) -> Response:
        matches = [each for each in self.documents.values() if matches_filter(each, body.get("filter"))]
        scores = dict.fromkeys((each["id"] for each in matches), 1.0)
        if body.get("vectorQueries"):
            (query,) = body["vectorQueries"]
            assert (query["kind"], query["fields"]) == ("vector", "vector")
            scores = {each["id"]: score(each["vector"], np.array(query["vector"])) for each in matches}
            matches = sorted(matches, key=lambda each: -scores[each["id"]])[: query["k"]]
        if body.get("orderby") == "id":
            matches = sorted(matches, key=lambda each: str(each["id"]))
        matches = matches[int(body.get("skip") or 0) :]
        top = body.get("top", 50)
        page = matches[: min(top, self._page)]
        names = str(body.get("select") or "").split(",")
        value = [
            {"@search.score": scores[each["id"]]} | {name: each[name] for name in names if name in each}
            for each in page
        ]
        answer: dict[str, Any] = {"value": value}
        if len(page) < min(top, len(matches)):
            rest = {"skip": int(body.get("skip") or 0) + len(page), "top": top - len(page)}
            answer |= {"@search.nextPageParameters": body | rest, "@odata.nextLink": "https://next-page"}
        if body.get("facets"):
            answer["@search.facets"] = {"emotion": facets(self.documents.values())}
        return Response(200, answer)


def matches_filter(document: dict[str, Any], condition: str | None) -> bool:
    """Whether a document passes an OData filter. Only `eq` and `gt` with a text are supported."""
    if not condition:
        return True
    name, operator, quoted = condition.split(" ", 2)
    assert quoted[0] == quoted[-1] == "'"
    assert "'" not in quoted[1:-1].replace("''", ""), "a single quote must be doubled"
    value = quoted[1:-1].replace("''", "'")
    return bool({"eq": document[name] == value, "gt": document[name] > value}[operator])


def score(vector: NDArray[np.float16], query: NDArray[np.float64]) -> float:
    """The score of a document for a query vector."""
    document = vector.astype(np.float64)
    cosine = document @ query / (np.linalg.norm(document) * np.linalg.norm(query))
    return float(1 / (1 + (1 - cosine)))


def facets(documents: Any) -> list[dict[str, Any]]:
    """The number of documents of each emotion."""
    emotions = [each["emotion"] for each in documents]
    return [{"value": each, "count": emotions.count(each)} for each in sorted(set(emotions))]


def statistics(quota: int) -> dict[str, Any]:
    """The answer of GET /servicestats: https://learn.microsoft.com/rest/api/searchservice/get-service-statistics"""
    counter = {"usage": 0, "quota": None}
    names = ["aliases", "documentCount", "indexesCount", "indexersCount", "dataSourcesCount", "synonymMaps"]
    counters = dict.fromkeys([*names, "skillsetCount", "vectorIndexSize"], counter)
    return {"counters": counters | {"storageSize": {"usage": 0, "quota": quota}}, "limits": {}}


def error_response(status: int, code: str, message: str) -> Response:
    return Response(status, {"error": {"code": code, "message": message}})
