import pytest

from jobs.pipeline.local_runner.expressions import ExpressionError
from jobs.pipeline.local_runner.resolve import dataset_functions, pipeline_functions, resolve
from jobs.pipeline.schema import UNRESOLVED

FUNCTIONS = pipeline_functions({"RunId": "7"}, {"Before": UNRESOLVED})


def expression(text: object) -> dict[str, object]:
    return {"value": text, "type": "Expression"}


def test_expressions_are_replaced_at_any_depth() -> None:
    node = {"a": [expression("@pipeline().RunId"), 1], "b": {"type": "Other", "value": "x"}, "c": None}
    assert resolve(node, FUNCTIONS) == {"a": ["7", 1], "b": {"type": "Other", "value": "x"}, "c": None}


def test_a_value_is_not_evaluated_again() -> None:
    assert resolve(expression("@@{pipeline().RunId}"), FUNCTIONS) == "@{pipeline().RunId}"


def test_the_path_to_a_wrong_expression_is_reported() -> None:
    with pytest.raises(ExpressionError, match=r"^source\.query\.0: `utcnow` is not implemented"):
        resolve({"query": [expression("@utcnow()")]}, FUNCTIONS, "source")


@pytest.mark.parametrize("text", ["@pipeline().RunId", "a @{pipeline().RunId}"])
def test_an_expression_in_plain_text_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError, match="query is plain text with an expression in it"):
        resolve({"query": text}, FUNCTIONS)


def test_plain_text_stays_as_it_is() -> None:
    assert resolve({"query": "SELECT a @> b, 'x@y'"}, FUNCTIONS) == {"query": "SELECT a @> b, 'x@y'"}


@pytest.mark.parametrize("node", [expression(1), {"type": "Expression"}, {**expression("a"), "more": 1}])
def test_an_expression_of_another_shape_is_refused(node: dict[str, object]) -> None:
    with pytest.raises(ExpressionError, match="an Expression has"):
        resolve({"query": node}, FUNCTIONS)


def test_only_outputs_of_earlier_activities_are_available() -> None:
    assert resolve(expression("@activity('Before').output.rowsCopied"), FUNCTIONS) is UNRESOLVED
    with pytest.raises(
        ExpressionError, match=r"activity\('After'\) is not an activity that this one depends on \(Before\)"
    ):
        resolve(expression("@activity('After').output.rowsCopied"), FUNCTIONS)


def test_activities_are_found_in_any_letter_case() -> None:
    assert resolve(expression("@activity('BEFORE').output.rowsCopied"), FUNCTIONS) is UNRESOLVED


def test_a_dataset_does_not_see_the_pipeline() -> None:
    with pytest.raises(ExpressionError, match="`pipeline` is not implemented"):
        resolve(expression("@pipeline().RunId"), dataset_functions({}))
