"""The documents for Azure AI Search: their vectors, and the batches and sizes that it accepts."""

import json

import numpy as np
import pytest

from jobs.errors import JobError
from jobs.index import ai_search_documents
from jobs.index.ai_search_index import ROW_BYTES
from jobs.postgres.rows import Rows
from tests.jobs.search_stack import SearchStack


def test_a_batch_is_bounded_by_number_and_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ai_search_documents, "BATCH_BYTES", 1000)
    documents = [{"id": str(n), "text": "x" * length} for n, length in enumerate((400, 400, 400, 2000, 10, 10))]
    assert [[each["id"] for each in batch] for batch in ai_search_documents.split_batches(documents)] == [
        ["0", "1"],
        ["2"],
        ["3"],
        ["4", "5"],
    ]
    monkeypatch.setattr(ai_search_documents, "BATCH_DOCUMENTS", 4)
    assert [len(batch) for batch in ai_search_documents.split_batches({"id": str(n)} for n in range(10))] == [4, 4, 2]


def test_what_does_not_fit_is_refused_before_anything_is_sent(stack: SearchStack) -> None:
    stack.service._quota = 10_000
    with pytest.raises(JobError, match=r"40 vectors take about .* MB .* `pulumi config set search basic`"):
        stack.index()
    assert stack.service.definition is None and not stack.sent()


def test_fer2013_fits_into_the_free_service() -> None:
    assert 28_709 * ROW_BYTES < 50_000_000 < 28_709 * 512 * 4


def test_a_vector_survives_the_way_through_json(stack: SearchStack) -> None:
    vectors = np.random.default_rng(1).random((3, 512), dtype=np.float32) * 9
    vectors[2] = 0
    rows = Rows(np.array([1, 2, 3]), ["a", "b", "c"], ["happy"] * 3, vectors)
    documents = json.loads(
        json.dumps(list(ai_search_documents.changed_documents([rows], {}, set(), lambda steps: None)))
    )
    for n in range(2):
        sent, unit = np.array(documents[n]["vector"]), vectors[n] / np.linalg.norm(vectors[n])
        assert np.abs(sent - unit).max() < 1e-6
        assert 1 - sent @ unit / np.linalg.norm(sent) < 1e-6
    assert documents[2]["vector"] == [0] * 512
    assert len({each["row"] for each in documents}) == 3
