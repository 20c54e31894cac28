"""Replace the expressions in a part of a document by their values, and define the functions that it can call."""

from collections.abc import Mapping
from typing import Any

from jobs.pipeline.local_runner.expressions import ExpressionError, Functions, evaluate
from jobs.pipeline.names import find_name
from jobs.pipeline.schema import join_path


def resolve(node: Any, functions: Functions, path: str = "") -> Any:
    """A copy of `node` in which every {"value": text, "type": "Expression"} is its value, or UNRESOLVED.

    Raises ExpressionError with the path to the expression that is not valid. A plain text that looks like an expression
    is an error too: Data Factory evaluates it in some properties and not in others.
    """
    if isinstance(node, dict) and node.get("type") == "Expression":
        try:
            return evaluate_expression(node, functions)
        except ExpressionError as error:
            raise ExpressionError(f"{path}: {error}") from error
    if isinstance(node, dict):
        return {key: resolve(value, functions, join_path(path, key)) for key, value in node.items()}
    if isinstance(node, list):
        return [resolve(value, functions, join_path(path, str(index))) for index, value in enumerate(node)]
    if isinstance(node, str) and looks_like_expression(node):
        raise ExpressionError(f'{path} is plain text with an expression in it: write {{"value", "type": "Expression"}}')
    return node


def evaluate_expression(node: dict[str, Any], functions: Functions) -> Any:
    text = node.get("value")
    if not isinstance(text, str) or len(node) != 2:
        raise ExpressionError('an Expression has a "value" that is text, a "type", and nothing else')
    return evaluate(text, functions)


def looks_like_expression(text: str) -> bool:
    """Whether a text would be evaluated in {"type": "Expression"}. An @ inside, as in SQL's @>, is plain text."""
    return text.startswith("@") or "@{" in text


def pipeline_functions(system: Mapping[str, Any], outputs: Mapping[str, Any]) -> Functions:
    """The functions that a pipeline's expressions can call.

    `system` is the value of pipeline(); `outputs` has the output, or UNRESOLVED, of each earlier activity by name.
    """

    def activity(name: str) -> Mapping[str, Any]:
        found = find_name(name, outputs) if isinstance(name, str) else None
        if found is None:
            earlier = ", ".join(sorted(outputs)) or "none"
            raise ExpressionError(f"activity('{name}') is not an activity that this one depends on ({earlier})")
        return {"output": outputs[found]}

    return {"pipeline": lambda: system, "activity": activity}


def dataset_functions(parameters: Mapping[str, Any]) -> Functions:
    """The functions that a dataset's expressions can call. They cannot call pipeline()."""
    return {"dataset": lambda: parameters}
