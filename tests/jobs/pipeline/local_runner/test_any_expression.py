"""Any text as an expression: a value or a sentence, also nested deep or with thousands of digits."""

from hypothesis import example, given
from hypothesis import strategies as st

from jobs.pipeline.local_runner.expressions import ExpressionError, evaluate


@given(st.text(max_size=200))
@example("@" + "concat(" * 5_000)
@example("@" + "1" * 5_000)
@example("@{" + "concat(" * 5_000)
def test_any_expression_is_a_value_or_a_sentence(text: str) -> None:
    try:
        evaluate(text, {})
    except ExpressionError as error:
        assert str(error)
