from typing import Any

import pytest

from jobs.pipeline.local_runner.expressions import ExpressionError, evaluate
from jobs.pipeline.schema import UNRESOLVED

SYSTEM = {
    "Pipeline": "PL",
    "RunId": "7",
    "parameters": {"text": "raw/", "number": 3, "flag": True, "list": [1, "a"], "object": {"key": "deep"}},
}
OUTPUTS = {"Copy": {"rowsCopied": 12, "errors": []}, "Running": UNRESOLVED}
FUNCTIONS = {
    "pipeline": lambda: SYSTEM,
    "dataset": lambda: {"folder": "train"},
    "activity": lambda name: {"output": OUTPUTS[name]},
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ("", ""),
        ("a @ b, a@b.example, x @> y", "a @ b, a@b.example, x @> y"),
        ("@@text", "@text"),
        ("@@", "@"),
        ("@@{pipeline().RunId}", "@{pipeline().RunId}"),
        ("a @@{pipeline().RunId} b @{pipeline().RunId}", "a @{pipeline().RunId} b 7"),
        ("@pipeline().parameters.text", "raw/"),
        ("@pipeline().parameters.number", 3),
        ("@{pipeline().parameters.number}", "3"),
        ("@pipeline().parameters.object.key", "deep"),
        ("@pipeline().Pipeline", "PL"),
        ("@PIPELINE().pipeline", "PL"),
        ("@pipeline().Parameters.TEXT", "raw/"),
        ("@Activity('Copy').Output.RowsCopied", 12),
        ("@dataset().folder", "train"),
        ("@activity('Copy').output.rowsCopied", 12),
        ("SELECT '@{pipeline().parameters.text}' || x", "SELECT 'raw/' || x"),
        ("@{dataset().folder}/@{pipeline().RunId}", "train/7"),
        ("@concat('a', pipeline().parameters.text, 1, -2.5, 2.0, true, null)", "araw/1-2.52True"),
        ("@ CONCAT ( 'a' , 'b' ) ", "ab"),
        ("@concat(pipeline().parameters.list, pipeline().parameters.object)", '[1,"a"]{"key":"deep"}'),
        ("@'it''s @{no} expression'", "it's @{no} expression"),
        ("@{'a } in a text'}!", "a } in a text!"),
        ("@true", True),
        ("@null", None),
        ("@1.5", 1.5),
    ],
)
def test_value(text: str, value: Any) -> None:
    result = evaluate(text, FUNCTIONS)
    assert result == value
    assert type(result) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        "@activity('Running').output.rowsCopied",
        "@activity('Running').output.some.thing",
        "rows: @{activity('Running').output.rowsCopied}",
        "@concat('a', activity('Running').output.rowsCopied)",
    ],
)
def test_a_value_that_is_known_only_during_the_run(text: str) -> None:
    assert evaluate(text, FUNCTIONS) is UNRESOLVED


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("@utcnow()", "`utcnow` is not implemented"),
        ("@{toUpper('a')}", "`toUpper` is not implemented"),
        ("@variables('x')", "`variables` is not implemented"),
        ("@pipeline().parameters.absent", "pipeline().parameters has no `absent` (it has flag, list"),
        ("@pipeline().TriggerTime", "pipeline() has no `TriggerTime`"),
        ("@activity('Copy').status", "activity() has no `status`"),
        ("@activity('Copy').output.rowsCopied.more", "is not an object"),
        ("@pipeline().parameters.list[0]", "at `[0]`"),
        ("@pipeline().parameters?.text", "at `?.text`"),
        ("@pipeline()parameters", "at `parameters`"),
        ("@pipeline(1).RunId", "passes 1 arguments to pipeline()"),
        ("@pipeline.RunId", "expected `(`"),
        ("@concat()", "at least one argument"),
        ("@concat('a' 'b')", "expected `,`"),
        ("@concat('a', 'b'", "at `its end`"),
        ("@{pipeline().RunId", "expected `}`"),
        ("@'open", "at `'open`"),
        ("@", "at `its end`"),
        ("@1 + 2", "at `+ 2`"),
        ("@pipeline().", "no name after"),
    ],
)
def test_the_part_that_cannot_be_evaluated_is_named(text: str, message: str) -> None:
    with pytest.raises(ExpressionError) as error:
        evaluate(text, FUNCTIONS)
    assert message in str(error.value)
