"""Azure AI Search with several indexes and hybrid queries: words and a vector, merged by reciprocal rank.

https://learn.microsoft.com/azure/search/hybrid-search-ranking
https://learn.microsoft.com/rest/api/searchservice/documents/search-post

Words are compared without case and accents, by their first five letters: a stemmer of the simplest kind.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from jobs.documents.words import strip_accents
from tests.azure_fakes.ai_search import INDEX, VERSION, error_response, matches_filter
from tests.azure_fakes.cloud import Request, Response

NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
KEY = re.compile(r"[A-Za-z0-9_\-=]+")
CONSTANT = 60


@dataclass
class PassageService:
    """`indexes`: definitions by name. `documents`: of each index, by key. `broken`: answers before all others."""

    indexes: dict[str, dict[str, Any]] = field(default_factory=dict)
    documents: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    broken: list[Response] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, request: Request) -> Response:
        assert request.query["api-version"] == VERSION
        path = INDEX.fullmatch(request.path)
        assert path, request.path
        name, action = path.groups()
        if self.broken and action:
            return self.broken.pop(0)
        if action is None:
            return self.index(request, name)
        if name not in self.indexes:
            return error_response(404, "IndexNotFound", f"The index '{name}' was not found.")
        return self.write(name, request.body) if action == "search.index" else self.search(name, request.body)

    def index(self, request: Request, name: str) -> Response:
        if request.method == "PUT":
            assert NAME.fullmatch(name) and len(name) <= 128, name
            old = self.indexes.get(name)
            if old and old["fields"] != request.body["fields"]:
                return error_response(400, "OperationNotAllowed", "Existing fields cannot be changed.")
            self.indexes[name] = request.body
            self.documents.setdefault(name, {})
            return Response(200 if old else 201, request.body)
        if name not in self.indexes:
            return error_response(404, "ResourceNotFound", f"No index with the name '{name}' was found.")
        if request.method == "DELETE":
            del self.indexes[name], self.documents[name]
            return Response(204)
        return Response(200, self.indexes[name])

    def write(self, name: str, body: Any) -> Response:
        known = {each["name"] for each in self.indexes[name]["fields"]}
        for action in map(dict, body["value"]):
            kind, key = action.pop("@search.action"), action["id"]
            assert KEY.fullmatch(key) and action.keys() <= known, action
            if kind == "delete":
                self.documents[name].pop(key, None)
            else:
                self.documents[name][key] = action
        done = [{"key": each["id"], "status": True, "errorMessage": None, "statusCode": 200} for each in body["value"]]
        return Response(200, {"value": done})

    def search(self, name: str, body: dict[str, Any]) -> Response:
        fields = {each["name"]: each for each in self.indexes[name]["fields"]}
        selected = body["select"].split(",")
        assert not [each for each in selected if fields[each].get("retrievable") is False], "a hidden field"
        documents = [each for each in self.documents[name].values() if matches_filter(each, body.get("filter"))]
        if body.get("orderby"):
            found = [(each, 1.0) for each in sorted(documents, key=lambda each: str(each["id"]))]
        else:
            self.asked.append(body)
            found = self.ranked(documents, body, fields)
        page = found[: body.get("top", 50)]
        value = [{"@search.score": score} | {key: each.get(key) for key in selected} for each, score in page]
        return Response(200, {"value": value})

    def ranked(
        self, documents: list[dict[str, Any]], body: dict[str, Any], fields: dict[str, Any]
    ) -> list[tuple[dict[str, Any], float]]:
        """Both lists, merged."""
        assert body["searchMode"] == "any" and all(
            fields[each]["searchable"] for each in body["searchFields"].split(",")
        )
        lists = []
        if words := stems(body.get("search") or ""):
            hits = {each["id"]: len(words & stems(" ".join((each["heading"], each["text"])))) for each in documents}
            by_words = sorted((each for each in documents if hits[each["id"]]), key=lambda each: -hits[each["id"]])
            lists.append(by_words)
        for query in body.get("vectorQueries") or []:
            assert len(query["vector"]) == fields[query["fields"]]["dimensions"]
            near = {each["id"]: float(np.dot(each["vector"], query["vector"])) for each in documents}
            lists.append(sorted(documents, key=lambda each: -near[each["id"]])[: query["k"]])
        scores: dict[str, float] = {}
        for ranked in lists:
            for rank, each in enumerate(ranked, 1):
                scores[each["id"]] = scores.get(each["id"], 0.0) + 1 / (CONSTANT + rank)
        by_key = {each["id"]: each for each in documents}
        return [(by_key[key], scores[key]) for key in sorted(scores, key=lambda key: -scores[key])]


def stems(text: str) -> set[str]:
    return {word[:5] for word in re.findall(r"\w+", strip_accents(text).lower())}
