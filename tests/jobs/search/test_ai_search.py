"""search in Azure AI Search: it returns what the database does, filtered by emotion, and as many as requested."""

import numpy as np
import pytest

from jobs.errors import JobError
from jobs.pipeline.local_runner.run import run_locally
from jobs.search.run import Query, search_pictures
from tests.jobs.search_stack import PLACES, SearchStack


@PLACES
def test_it_returns_what_the_database_does(stack: SearchStack, place: str) -> None:
    run_locally(stack.target, "PL_Migrar_Datos_FER", {})
    built = stack.index(place)
    assert (built.rows, built.uploaded, built.unchanged, built.deleted) == (40, 40, 0, 0)
    for emotion, k in ((None, 7), ("sad", 5), (None, 1000)):
        result = stack.search(k=k, emotion=emotion)
        query = Query(picture=stack.faces / "train/happy/face_00000.jpg", place="database", k=k, emotion=emotion)
        expected = search_pictures(stack.target, query)
        assert (result.place, result.weights) == ("azure-search", expected.weights)
        assert {match.filepath for match in result.results} == {match.filepath for match in expected.results}
        distances = [match.distance for match in result.results]
        assert np.allclose(distances, [match.distance for match in expected.results], atol=1e-3)
        assert distances == sorted(distances)


def test_an_emotion_is_a_filter_and_nothing_else(stack: SearchStack) -> None:
    stack.execute("UPDATE imagenes_fer SET emotion = 'it''s fine' WHERE id = 4")
    stack.index()
    assert [match.id for match in stack.search(emotion="it's fine").results] == [4]
    body = stack.cloud.bodies("POST", "/docs/search.post.search")[-1]
    assert (body["filter"], body["vectorFilterMode"]) == ("emotion eq 'it''s fine'", "preFilter")
    with pytest.raises(JobError, match=r"no' or emotion ne 'x. The emotions are: angry, .*surprise"):
        stack.search(emotion="no' or emotion ne 'x")


def test_a_large_k_is_an_exhaustive_search(stack: SearchStack) -> None:
    stack.index()
    for k, exhaustive in ((500, False), (501, True)):
        stack.search(k=k)
        (query,) = stack.cloud.bodies("POST", "/docs/search.post.search")[-1]["vectorQueries"]
        assert (query["k"], query["exhaustive"]) == (k, exhaustive)


def test_search_before_index_names_the_command(stack: SearchStack) -> None:
    with pytest.raises(JobError, match="`python -m jobs index --to azure-search`"):
        stack.search()
