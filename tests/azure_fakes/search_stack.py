"""A stack with Azure AI Search, played on loopback, and the drawn faces in its database and lake."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from jobs.index import run as index
from jobs.index.ai_search_index import AiSearchIndexResult
from jobs.migrate.run import migrate_table
from jobs.postgres.connection import open_connection
from jobs.search.run import Query, SearchResult, search_pictures
from jobs.target import Target
from tests.azure_fakes.ai_search import SearchService
from tests.azure_fakes.cloud import Cloud

URL = "https://srch-fer.search.windows.net"
PLACES = pytest.mark.parametrize("place", index.SOURCES)


@dataclass
class Stack:
    """A target with a search service, and the forty drawn faces in its database and lake."""

    target: Target
    service: SearchService
    cloud: Cloud
    faces: Path

    def index(self, place: str = "database", **wish: bool) -> AiSearchIndexResult:
        made = index.build_index(self.target, place, "azure-search", index.IndexOptions(**wish))
        assert isinstance(made, AiSearchIndexResult)
        return made

    def search(self, filepath: str = "happy/face_00000.jpg", **options: Any) -> SearchResult:
        query = Query(picture=self.faces / "train" / filepath, place="azure-search", **options)
        return search_pictures(self.target, query)

    def sent(self) -> list[list[dict[str, Any]]]:
        """The documents of every request that wrote some."""
        return [body["value"] for body in self.cloud.bodies("POST", "/docs/search.index")]

    def change(self, statement: str) -> None:
        with open_connection(self.target) as db, db.cursor() as cursor:
            cursor.execute(statement)
            db.commit()


@pytest.fixture
def stack(target: Target, filled_url: str, drawn: Path, cloud: Cloud) -> Stack:
    migrate_table(filled_url, target)
    service = SearchService()
    cloud.services["*.search.windows.net"] = service
    return Stack(replace(target, search_url=URL), service, cloud, drawn)
