"""What a search says while it takes long."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from jobs.migrate.run import migrate_table
from jobs.search import networks, run
from jobs.search.query import Query
from jobs.target import Target


def test_a_search_says_that_it_reads_the_index_and_loads_the_network(
    target: Target, filled_url: str, drawn_faces: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []

    @contextmanager
    def record(text: str) -> Iterator[None]:
        said.append(text)
        yield

    for module in (run, networks):
        monkeypatch.setattr(module, "say_if_slow", record)
    migrate_table(filled_url, target)
    result = run.search_pictures(target, Query(picture=next(drawn_faces.rglob("*.jpg")), place="database"))
    assert result.results[0].distance == pytest.approx(0, abs=1e-6)
    assert said == ["Reading the index in the database", "Loading the network"]
