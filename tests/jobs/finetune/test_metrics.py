"""Exact match and token F1."""

import pytest

from jobs.finetune.metrics import is_exact, token_f1


def test_exact_match_ignores_only_the_spaces_around() -> None:
    assert is_exact(" A face.\n", "A face.") and not is_exact("a face.", "A face.") and not is_exact("", "A face.")


@pytest.mark.parametrize(
    ("answer", "expected", "f1"),
    [("a b", "a b", 1.0), ("a", "a b", 2 / 3), ("b a", "a b", 1.0), ("c", "a b", 0.0), ("", "a", 0.0), ("", "", 1.0)],
)
def test_token_f1(answer: str, expected: str, f1: float) -> None:
    assert token_f1(answer, expected) == pytest.approx(f1)
