"""A searcher answers as the command does, again and again, whatever happens to the places meanwhile."""

from collections.abc import Iterator
from dataclasses import asdict, replace

import numpy as np
import pytest

from jobs.embed.options import EmbedOptions
from jobs.embed.prepare import read_sample
from jobs.embed.run import embed_pictures
from jobs.embed.weights import SEED, random_weights
from jobs.errors import JobError
from jobs.index import faiss_index
from jobs.index.run import build_index
from jobs.migrate.run import migrate_table
from jobs.pictures.scan import find_pictures
from jobs.pipeline.local_runner.run import run_locally
from jobs.postgres.connection import target_url
from jobs.search import faiss_search
from jobs.search.pgvector_search import DatabasePlace
from jobs.search.query import Criteria
from jobs.search.searcher import Searcher
from jobs.storage.client import pictures_container
from jobs.upload.run import upload_pictures
from tests.jobs.search.filled import Filled

FACE = "happy/face_00002.jpg"
TIMES = {"embed_seconds": 0, "search_seconds": 0}


@pytest.fixture
def searcher(filled: Filled, monkeypatch: pytest.MonkeyPatch) -> Iterator[Searcher]:
    """A searcher that only reads, and asks for a newer index each time."""
    monkeypatch.setattr(faiss_search, "CHECK_SECONDS", 0)
    build_index(filled.target, "lake")
    with Searcher(filled.target, only_read=True) as searcher:
        yield searcher


@pytest.mark.parametrize("place", ["lake", "database"])
def test_it_answers_as_the_command_bit_for_bit(filled: Filled, searcher: Searcher, place: str) -> None:
    picture = filled.picture(FACE)
    for emotion in (None, "sad"):
        criteria = Criteria(k=7, emotion=emotion, place=place)
        result = searcher.by_picture(picture.read_bytes(), criteria, str(picture))
        command = filled.query(FACE, k=7, emotion=emotion, place=place)
        assert asdict(result) | TIMES == asdict(command) | TIMES
        assert result.embed_seconds > 0 and result.search_seconds > 0 and result.exact


@pytest.mark.parametrize("place", ["lake", "database"])
def test_a_picture_of_the_collection_is_found_by_its_id(filled: Filled, searcher: Searcher, place: str) -> None:
    (own,) = (match.id for match in filled.query(FACE, k=1).results)
    result = searcher.by_id(own, Criteria(k=9, place=place))
    expected = filled.nearest(FACE, 9)
    assert [match.filepath for match in result.results] == [path for path, _ in expected]
    assert np.allclose([match.distance for match in result.results], [far for _, far in expected], atol=1e-6)
    assert (result.query_id, result.results[0].id) == (own, own)
    with pytest.raises(JobError, match="No picture has the id 999"):
        searcher.by_id(999, Criteria(place=place))


def test_a_connection_is_kept_and_a_dead_one_is_opened_once_more(filled: Filled, searcher: Searcher) -> None:
    place = searcher.place("database")
    assert isinstance(place, DatabasePlace)

    def backend() -> int:
        return place._kept.ask(lambda db: db.info.backend_pid)

    first = backend()
    searcher.by_id(1, Criteria(place="database"))
    assert backend() == first
    filled.execute(f"SELECT pg_terminate_backend({first})")
    assert len(searcher.by_id(1, Criteria(place="database")).results) == 5
    assert backend() != first


def test_the_connection_of_a_page_only_reads(searcher: Searcher) -> None:
    place = searcher.place("database")
    assert isinstance(place, DatabasePlace)
    place.made_with()
    with pytest.raises(JobError):
        place._kept.ask(lambda db: db.cursor().execute("DELETE FROM imagenes_fer"))
    with pytest.raises(JobError, match="took longer than 15 s"):
        place._kept.ask(lambda db: db.cursor().execute("SET statement_timeout = 10; SELECT pg_sleep(9)"))
    assert len(searcher.by_id(1, Criteria(place="database")).results) == 5


def test_a_stale_record_is_not_proved_while_only_reading(filled: Filled, searcher: Searcher) -> None:
    filled.execute("UPDATE embedding SET table_oid = 1")
    with pytest.raises(JobError, match="index --from database"):
        searcher.by_id(1, Criteria(place="database"))
    upload_pictures(filled.folder, pictures_container(filled.target))
    build_index(filled.target, "database")
    assert searcher.by_id(1, Criteria(place="database")).results


def test_a_new_index_replaces_the_old_one_whole(
    filled: Filled, searcher: Searcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(searcher.by_id(1, Criteria(k=50)).results) == 40
    filled.execute("DELETE FROM imagenes_fer WHERE id > 30")
    run_locally(filled.target, "PL_Migrar_Datos_FER", {})
    assert "newer than its index" in searcher.by_id(1, Criteria()).notes[0]
    read = faiss_index.load_named_index
    calls = []

    def replaced_meanwhile(container: object, etag: str) -> object:
        """The first time, the index is built again after its manifest was read: its files are not there any more."""
        calls.append(1)
        if len(calls) == 1:
            build_index(filled.target, "lake")
            raise faiss_index.ResourceNotFoundError("deleted by the new one")
        return read(container, etag)  # type: ignore[arg-type]

    build_index(filled.target, "lake")
    monkeypatch.setattr(faiss_index, "load_named_index", replaced_meanwhile)
    result = searcher.by_id(1, Criteria(k=50))
    assert {match.id for match in result.results} == set(range(1, 31)) and not result.notes
    assert len(calls) == 2


def test_places_that_other_weights_filled_get_vectors_of_their_own(
    filled: Filled, searcher: Searcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.embed.weights.SEED", SEED + 1)
    pictures = find_pictures(filled.folder).pictures
    other = str(random_weights(read_sample(pictures, 32)).file)
    embed_pictures(filled.folder, filled.source, EmbedOptions(weights=other, replace=True))
    migrate_table(filled.source, target_url(filled.target))
    data = filled.picture(FACE).read_bytes()
    for place in ("lake", "database"):
        (match,) = searcher.by_picture(data, Criteria(k=1, place=place)).results
        assert (match.filepath, match.distance) == (FACE, pytest.approx(0, abs=1e-6))


def test_a_place_that_is_gone_says_so_and_the_others_answer(filled: Filled) -> None:
    build_index(filled.target, "lake")
    with Searcher(replace(filled.target, postgres_port=1), only_read=True) as searcher:
        with pytest.raises(JobError, match="No PostgreSQL listens"):
            searcher.by_id(1, Criteria(place="database"))
        assert searcher.by_id(1, Criteria()).results
