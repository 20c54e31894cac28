"""index and search in Azure AI Search: the real SDK against the service's host name, played on loopback."""

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jobs import factory, index, migrate, search
from jobs.azure.search_index import Manifest
from jobs.embed.weights import Recorded
from jobs.failure import Failure
from jobs.index import azure_search
from jobs.postgres import connected
from jobs.rows import Rows
from jobs.target import Target
from tests.azure.ai_search import SearchService
from tests.azure.cloud import Answer, Cloud

URL = "https://srch-fer.search.windows.net"
PLACES = pytest.mark.parametrize("place", index.PLACES)


@dataclass
class Stack:
    """A target with a search service, and the forty drawn faces in its database and lake."""

    target: Target
    service: SearchService
    cloud: Cloud
    faces: Path

    def index(self, place: str = "database", **wish: bool) -> azure_search.Result:
        made = index.run(self.target, place, "azure-search", index.Wish(**wish))
        assert isinstance(made, azure_search.Result)
        return made

    def search(self, filepath: str = "happy/face_00000.jpg", **options: Any) -> search.Result:
        query = search.Query(picture=self.faces / "train" / filepath, place="azure-search", **options)
        return search.run(self.target, query)

    def sent(self) -> list[list[dict[str, Any]]]:
        """The documents of every request that wrote some."""
        return [body["value"] for body in self.cloud.bodies("POST", "/docs/search.index")]

    def change(self, statement: str) -> None:
        with connected(self.target) as db, db.cursor() as cursor:
            cursor.execute(statement)
            db.commit()


@pytest.fixture
def stack(target: Target, filled_url: str, drawn: Path, cloud: Cloud) -> Stack:
    migrate.run(filled_url, target)
    service = SearchService()
    cloud.services["*.search.windows.net"] = service
    return Stack(replace(target, search_url=URL), service, cloud, drawn)


@PLACES
def test_it_finds_what_the_others_find(stack: Stack, place: str) -> None:
    factory.run(stack.target, "PL_Migrar_Datos_FER", {})
    made = stack.index(place)
    assert (made.rows, made.uploaded, made.unchanged, made.deleted) == (40, 40, 0, 0)
    for emotion, k in ((None, 7), ("sad", 5), (None, 1000)):
        found = stack.search(k=k, emotion=emotion)
        query = search.Query(picture=stack.faces / "train/happy/face_00000.jpg", place="database", k=k, emotion=emotion)
        expected = search.run(stack.target, query)
        assert (found.place, found.weights) == ("azure-search", expected.weights)
        assert {match.filepath for match in found.results} == {match.filepath for match in expected.results}
        distances = [match.distance for match in found.results]
        assert np.allclose(distances, [match.distance for match in expected.results], atol=1e-3)
        assert distances == sorted(distances)


def test_the_index_is_as_small_as_the_free_service_wants(stack: Stack) -> None:
    stack.index()
    definition = stack.service.definition
    assert definition is not None
    fields = {each["name"]: each for each in definition["fields"]}
    assert fields["vector"]["type"] == "Collection(Edm.Half)"
    assert (fields["vector"]["stored"], fields["vector"]["retrievable"]) == (False, False)
    assert fields["vector"]["dimensions"] == 512
    assert fields["id"]["key"] and fields["id"]["type"] == "Edm.String"
    assert fields["emotion"]["filterable"] and fields["emotion"]["facetable"]
    (algorithm,) = definition["vectorSearch"]["algorithms"]
    assert (algorithm["kind"], algorithm["hnswParameters"]["metric"]) == ("hnsw", "cosine")
    assert not definition["vectorSearch"].get("compressions")


def test_a_second_run_sends_what_differs_and_no_more(stack: Stack) -> None:
    stack.index()
    before = len(stack.sent())
    again = stack.index()
    assert (again.uploaded, again.unchanged, again.deleted) == (0, 40, 0)
    assert len(stack.sent()) == before
    stack.change("DELETE FROM imagenes_fer WHERE id = 3")
    stack.change("UPDATE imagenes_fer SET filepath = 'sad/moved.jpg', emotion = 'sad' WHERE id = 4")
    stack.change("UPDATE imagenes_fer SET vector = (SELECT vector FROM imagenes_fer WHERE id = 6) WHERE id = 5")
    changed = stack.index()
    assert (changed.rows, changed.uploaded, changed.deleted) == (39, 2, 1)
    written = [(each["@search.action"], each["id"]) for batch in stack.sent()[before:] for each in batch]
    assert written == [("upload", "4"), ("upload", "5"), ("delete", "3")]
    assert "3" not in stack.service.documents
    assert stack.service.documents["4"]["filepath"] == "sad/moved.jpg"
    assert np.array_equal(stack.service.documents["5"]["vector"], stack.service.documents["6"]["vector"])


def test_every_page_of_what_is_there_is_read(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    stack.index()
    monkeypatch.setattr(azure_search, "PAGE", 12)
    stack.service._page = 5
    assert stack.index().unchanged == 40
    assert len(stack.search(k=40).results) == 40


def test_a_run_that_was_cut_off_goes_on_and_until_then_search_says_so(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(azure_search, "BATCH_DOCUMENTS", 15)
    stack.service.refusals["20"] = [(400, "The vector is odd.")]
    with pytest.raises(Failure, match=r"1 rows, the first with id 20 \(The vector is odd.\)"):
        stack.index()
    stack.search()
    assert "did not end" in capsys.readouterr().err
    there = len(stack.service.documents)
    assert there == 29
    assert stack.index().uploaded == 40 - there
    stack.search()
    assert "did not end" not in capsys.readouterr().err


def test_only_what_was_refused_for_the_moment_is_sent_again(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(azure_search, "FIRST_PAUSE", 0)
    stack.service.refusals = {"7": [(503, "Busy.")], "9": [(503, "Busy."), (429, "Busy.")]}
    assert stack.index().uploaded == 40
    assert [[each["id"] for each in batch] for batch in stack.sent()[1:]] == [["7", "9"], ["9"]]
    assert len(stack.service.documents) == 40


def test_a_document_that_stays_refused_ends_the_run(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(azure_search, "FIRST_PAUSE", 0)
    monkeypatch.setattr(azure_search, "TIMES", 2)
    stack.service.refusals = {"7": [(503, "The service is full.")] * 5}
    with pytest.raises(Failure, match=r"id 7 \(The service is full.\).*set search basic"):
        stack.index()
    assert len(stack.sent()) == 3


def test_a_busy_service_is_asked_again_when_it_says(stack: Stack) -> None:
    busy = {"Retry-After": "0.01"}
    stack.service.answers = [Answer(503, headers=busy), Answer(429, headers=busy)]
    assert stack.index().uploaded == 40
    assert stack.service.answers == []


def test_a_batch_is_bounded_by_number_and_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(azure_search, "BATCH_BYTES", 1000)
    documents = [{"id": str(n), "text": "x" * length} for n, length in enumerate((400, 400, 400, 2000, 10, 10))]
    assert [[each["id"] for each in batch] for batch in azure_search.batches(documents)] == [
        ["0", "1"],
        ["2"],
        ["3"],
        ["4", "5"],
    ]
    monkeypatch.setattr(azure_search, "BATCH_DOCUMENTS", 4)
    assert [len(batch) for batch in azure_search.batches({"id": str(n)} for n in range(10))] == [4, 4, 2]


def test_what_does_not_fit_is_refused_before_anything_is_sent(stack: Stack) -> None:
    stack.service._quota = 10_000
    with pytest.raises(Failure, match=r"40 vectors take about .* MB .* `pulumi config set search basic`"):
        stack.index()
    assert stack.service.definition is None and not stack.sent()


def test_fer2013_fits_into_the_free_service() -> None:
    assert 28_709 * azure_search.ROW_BYTES < 50_000_000 < 28_709 * 512 * 4


def test_other_weights_replace_the_index(stack: Stack) -> None:
    stack.index()
    stack.change("UPDATE embedding SET precision = 'bf16'")
    assert stack.index().uploaded == 40
    assert [each.method for each in stack.cloud.asked].count("DELETE") == 1
    definition = stack.service.definition
    assert definition is not None
    recorded = Manifest.read(definition["description"])
    assert recorded is not None and recorded.made_with.precision == "bf16" and recorded.whole


def test_rebuild_sends_all_of_it_again(stack: Stack) -> None:
    stack.index()
    assert stack.index(rebuild=True).uploaded == 40


def test_an_index_of_somebody_else_stays(stack: Stack) -> None:
    stack.service.definition = {"name": "imagenes-fer", "description": "Ours.", "fields": []}
    with pytest.raises(Failure, match=r"somebody else's: `--rebuild`"):
        stack.index()
    assert stack.service.definition["description"] == "Ours."
    with pytest.raises(Failure, match="`python -m jobs index --to azure-search`"):
        stack.search()
    assert stack.index(rebuild=True).uploaded == 40


def test_an_emotion_is_a_filter_and_nothing_else(stack: Stack) -> None:
    stack.change("UPDATE imagenes_fer SET emotion = 'it''s fine' WHERE id = 4")
    stack.index()
    assert [match.id for match in stack.search(emotion="it's fine").results] == [4]
    body = stack.cloud.bodies("POST", "/docs/search.post.search")[-1]
    assert (body["filter"], body["vectorFilterMode"]) == ("emotion eq 'it''s fine'", "preFilter")
    with pytest.raises(Failure, match=r"no' or emotion ne 'x: there are angry, .*surprise"):
        stack.search(emotion="no' or emotion ne 'x")


def test_more_than_the_graph_hands_out_is_asked_of_every_vector(stack: Stack) -> None:
    stack.index()
    for k, exhaustive in ((500, False), (501, True)):
        stack.search(k=k)
        (query,) = stack.cloud.bodies("POST", "/docs/search.post.search")[-1]["vectorQueries"]
        assert (query["k"], query["exhaustive"]) == (k, exhaustive)


def test_a_stack_without_search_is_told_how_to_get_one(stack: Stack) -> None:
    stack.target = replace(stack.target, search_url="")
    for work in (stack.index, stack.search):
        with pytest.raises(Failure, match="`pulumi config set search free`"):
            work()


def test_search_before_index_is_told(stack: Stack) -> None:
    with pytest.raises(Failure, match="`python -m jobs index --to azure-search`"):
        stack.search()


@PLACES
def test_what_the_service_refuses_is_told_as_the_service_s(stack: Stack, place: str) -> None:
    factory.run(stack.target, "PL_Migrar_Datos_FER", {})
    stack.service.answers = [Answer(403, {"error": {"code": "Forbidden", "message": "No."}})]
    with pytest.raises(Failure, match=r"search service srch-fer.* role Search Index Data Contributor.*same command"):
        stack.index(place)


@pytest.mark.parametrize(
    "answer",
    [Answer(200, b'{"name": "imag'), Answer(200), Answer(200, b"<html>Log in</html>", {"Content-Type": "text/html"})],
    ids=["half", "empty", "a page"],
)
def test_what_is_no_answer_is_told(stack: Stack, answer: Answer) -> None:
    for work in (stack.index, stack.search):
        stack.service.answers = [answer]
        with pytest.raises(Failure, match=r"does not answer for the search service.*run the same command again"):
            work()


def test_a_vector_survives_the_way_through_json(stack: Stack) -> None:
    vectors = np.random.default_rng(1).random((3, 512), dtype=np.float32) * 9
    vectors[2] = 0
    rows = Rows(np.array([1, 2, 3]), ["a", "b", "c"], ["happy"] * 3, vectors)
    documents = json.loads(json.dumps(list(azure_search.changed([rows], {}, set(), lambda steps: None))))
    for n in range(2):
        sent, unit = np.array(documents[n]["vector"]), vectors[n] / np.linalg.norm(vectors[n])
        assert np.abs(sent - unit).max() < 1e-6
        assert 1 - sent @ unit / np.linalg.norm(sent) < 1e-6
    assert documents[2]["vector"] == [0] * 512
    assert len({each["row"] for each in documents}) == 3


def test_a_description_of_another_kind_is_not_ours() -> None:
    ours = Manifest(Recorded("imagenet", "ab", "int8", "cd"), whole=True)
    assert Manifest.read(ours.text()) == ours
    for text in (None, "", "faces", "[]", '{"made_with": {}}', '{"made_with": {"weights": "x"}, "whole": true}'):
        assert Manifest.read(text) is None


def test_no_token_is_shown(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    stack.index()
    stack.service.answers = [Answer(400, {"error": {"code": "Odd", "message": "Odd."}})] * 3
    with pytest.raises(Failure) as failure:
        stack.search()
    shown = "".join(capsys.readouterr()) + str(failure.value)
    assert not re.search("marker-token|Bearer", shown)
