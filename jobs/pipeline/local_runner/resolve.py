"""Put the values of expressions into a part of a document, and say which functions such a part can call."""

from collections.abc import Mapping
from typing import Any

from jobs.pipeline.local_runner.expressions import ExpressionError, Functions, evaluate
from jobs.pipeline.schema import step


def resolve(node: Any, functions: Functions, path: str = "") -> Any:
    """A copy of `node` in which every {"value": text, "type": "Expression"} is its value, or LATER.

    Raises ExpressionError with the path to the expression that is wrong. A plain text that looks like an expression
    is wrong too: Data Factory evaluates it in some places and not in others.
    """
    if isinstance(node, dict) and node.get("type") == "Expression":
        try:
            return expression(node, functions)
        except ExpressionError as error:
            raise ExpressionError(f"{path}: {error}") from error
    if isinstance(node, dict):
        return {key: resolve(value, functions, step(path, key)) for key, value in node.items()}
    if isinstance(node, list):
        return [resolve(value, functions, step(path, str(at))) for at, value in enumerate(node)]
    if isinstance(node, str) and looks_like_expression(node):
        raise ExpressionError(f'{path} is plain text with an expression in it: write {{"value", "type": "Expression"}}')
    return node


def expression(node: dict[str, Any], functions: Functions) -> Any:
    text = node.get("value")
    if not isinstance(text, str) or len(node) != 2:
        raise ExpressionError('an Expression has a "value" that is text, a "type", and nothing else')
    return evaluate(text, functions)


def looks_like_expression(text: str) -> bool:
    """Whether a text would be one in {"type": "Expression"}. An @ inside, as in SQL's @> or a mail address, is none."""
    return text.startswith("@") or "@{" in text


def pipeline_functions(system: Mapping[str, Any], outputs: Mapping[str, Any]) -> Functions:
    """What a pipeline's expressions can call.

    `system` is what pipeline() gives; `outputs` has, by name, the output of each activity that comes before, or LATER.
    """

    def activity(name: str) -> Mapping[str, Any]:
        if name not in outputs:
            known = ", ".join(sorted(outputs)) or "none"
            raise ExpressionError(f"activity('{name}') is none that this one depends on ({known})")
        return {"output": outputs[name]}

    return {"pipeline": lambda: system, "activity": activity}


def dataset_functions(parameters: Mapping[str, Any]) -> Functions:
    """What a dataset's expressions can call: of the pipeline they see only what it hands over."""
    return {"dataset": lambda: parameters}
