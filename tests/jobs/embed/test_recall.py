"""recall@10 against results computed by hand."""

import numpy as np

from jobs.embed.recall import Recall, measure_recall, nearest_neighbors


def test_equal_vectors_have_a_recall_of_one() -> None:
    vectors = np.random.default_rng(1).standard_normal((50, 8)).astype(np.float32)
    assert measure_recall(vectors, vectors * 3) == Recall(1.0, 50)


def test_a_picture_is_not_its_own_neighbor() -> None:
    vectors = np.random.default_rng(3).standard_normal((50, 8)).astype(np.float32)
    assert (nearest_neighbors(vectors, vectors, 49) != np.arange(50)[:, None]).all()
    on_a_line = np.array([[1, 0], [1, 0.1], [1, 0.3], [1, 0.7]], np.float32)
    assert nearest_neighbors(on_a_line, on_a_line, 2).tolist() == [[1, 2], [0, 2], [1, 0], [2, 1]]


def test_unrelated_vectors_have_the_recall_of_chance() -> None:
    random = np.random.default_rng(2)
    exact, other = random.standard_normal((2, 400, 64)).astype(np.float32)
    share = measure_recall(exact, other).share
    assert share is not None and share < 0.08


def test_too_few_pictures_give_no_recall() -> None:
    assert measure_recall(np.ones((2, 4), np.float32), np.ones((2, 4), np.float32)) == Recall(None, 2)
