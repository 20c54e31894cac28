"""index to Azure AI Search: the index's definition, which documents a run sends, and when all are sent again."""

import numpy as np
import pytest

from jobs.errors import JobError
from jobs.index import ai_search_documents
from jobs.index.ai_search_schema import Manifest
from jobs.provenance import Provenance
from tests.jobs.search_stack import SearchStack


def test_the_index_is_as_small_as_the_free_service_wants(stack: SearchStack) -> None:
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


def test_a_second_run_sends_what_differs_and_no_more(stack: SearchStack) -> None:
    stack.index()
    before = len(stack.sent())
    again = stack.index()
    assert (again.uploaded, again.unchanged, again.deleted) == (0, 40, 0)
    assert len(stack.sent()) == before
    stack.execute("DELETE FROM imagenes_fer WHERE id = 3")
    stack.execute("UPDATE imagenes_fer SET filepath = 'sad/moved.jpg', emotion = 'sad' WHERE id = 4")
    stack.execute("UPDATE imagenes_fer SET vector = (SELECT vector FROM imagenes_fer WHERE id = 6) WHERE id = 5")
    changed = stack.index()
    assert (changed.rows, changed.uploaded, changed.deleted) == (39, 2, 1)
    written = [(each["@search.action"], each["id"]) for batch in stack.sent()[before:] for each in batch]
    assert written == [("upload", "4"), ("upload", "5"), ("delete", "3")]
    assert "3" not in stack.service.documents
    assert stack.service.documents["4"]["filepath"] == "sad/moved.jpg"
    assert np.array_equal(stack.service.documents["5"]["vector"], stack.service.documents["6"]["vector"])


def test_every_page_of_the_index_is_read(stack: SearchStack, monkeypatch: pytest.MonkeyPatch) -> None:
    stack.index()
    monkeypatch.setattr(ai_search_documents, "PAGE_ROWS", 12)
    stack.service._page = 5
    assert stack.index().unchanged == 40
    assert len(stack.search(k=40).results) == 40


def test_a_run_that_was_cut_off_goes_on_and_until_then_search_says_so(
    stack: SearchStack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(ai_search_documents, "BATCH_DOCUMENTS", 15)
    stack.service.document_errors["20"] = [(400, "The vector is odd.")]
    with pytest.raises(JobError, match=r"1 rows, the first with id 20 \(The vector is odd.\)"):
        stack.index()
    stack.search()
    assert "did not finish" in capsys.readouterr().err
    sent = len(stack.service.documents)
    assert sent == 29
    assert stack.index().uploaded == 40 - sent
    stack.search()
    assert "did not finish" not in capsys.readouterr().err


def test_other_weights_replace_the_index(stack: SearchStack) -> None:
    stack.index()
    stack.execute("UPDATE embedding SET precision = 'bf16'")
    assert stack.index().uploaded == 40
    assert [each.method for each in stack.cloud.requests].count("DELETE") == 1
    definition = stack.service.definition
    assert definition is not None
    recorded = Manifest.from_text(definition["description"])
    assert recorded is not None and recorded.made_with.precision == "bf16" and recorded.whole


def test_rebuild_sends_all_of_it_again(stack: SearchStack) -> None:
    stack.index()
    assert stack.index(rebuild=True).uploaded == 40


def test_an_index_that_is_not_ours_is_kept(stack: SearchStack) -> None:
    stack.service.definition = {"name": "imagenes-fer", "description": "Ours.", "fields": []}
    with pytest.raises(JobError, match=r"did not create: `--rebuild`"):
        stack.index()
    assert stack.service.definition["description"] == "Ours."
    with pytest.raises(JobError, match="`python -m jobs index --to azure-search`"):
        stack.search()
    assert stack.index(rebuild=True).uploaded == 40


def test_another_description_is_not_a_manifest() -> None:
    ours = Manifest(Provenance("imagenet", "ab", "int8", "cd"), whole=True)
    assert Manifest.from_text(ours.to_text()) == ours
    for text in (None, "", "faces", "[]", '{"made_with": {}}', '{"made_with": {"weights": "x"}, "whole": true}'):
        assert Manifest.from_text(text) is None
