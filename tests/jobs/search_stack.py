"""A stack with a fake search service. The rows of the drawn faces are in its database."""

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
class SearchStack:
    """`target`: the stack's outputs. `service`: its fake search service. `faces`: the folder of the 40 drawn faces."""

    target: Target
    service: SearchService
    cloud: Cloud
    faces: Path

    def index(self, place: str = "database", **options: bool) -> AiSearchIndexResult:
        """Build the index and return the result."""
        result = index.build_index(self.target, place, "azure-search", index.IndexOptions(**options))
        assert isinstance(result, AiSearchIndexResult)
        return result

    def search(self, filepath: str = "happy/face_00000.jpg", **options: Any) -> SearchResult:
        """Search for one of the faces."""
        query = Query(picture=self.faces / "train" / filepath, place="azure-search", **options)
        return search_pictures(self.target, query)

    def sent(self) -> list[list[dict[str, Any]]]:
        """The documents of every request that wrote some, in order."""
        return [body["value"] for body in self.cloud.bodies("POST", "/docs/search.index")]

    def execute(self, statement: str) -> None:
        """Run a statement in the database."""
        with open_connection(self.target) as db, db.cursor() as cursor:
            cursor.execute(statement)
            db.commit()


def open_stack(target: Target, source_url: str, faces: Path, cloud: Cloud) -> SearchStack:
    """Migrate the rows to the target, and put an empty search service beside it."""
    migrate_table(source_url, target)
    service = SearchService()
    cloud.services["*.search.windows.net"] = service
    return SearchStack(replace(target, search_url=URL), service, cloud, faces)
