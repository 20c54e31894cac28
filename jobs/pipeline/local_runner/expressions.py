"""Evaluate Data Factory's expressions, as far as the project's pipelines use them. Other ones are errors.

    @expression        the whole text is an expression; its value keeps its type
    text @{expression} the value is inserted into the text; `@@{` means `@{`
    @@text             means `@text`

An expression is 'text' (with '' for a quote), a number, true, false, null, or function(arguments).property.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from jobs.pipeline.names import find_name
from jobs.pipeline.schema import UNRESOLVED

Functions: TypeAlias = Mapping[str, Callable[..., Any]]

TOKEN = re.compile(r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)|(?P<name>[A-Za-z_]\w*)|(?P<symbol>\S))")
MAX_DEPTH, MAX_DIGITS = 50, 300
LITERALS = {"true": True, "false": False, "null": None}


class ExpressionError(ValueError):
    """An expression that cannot be evaluated; the message names the part that is wrong."""


def evaluate(text: str, functions: Functions) -> Any:
    """The value of a text in {"type": "Expression"}, or UNRESOLVED.

    `functions` are those besides concat(), by their names in lower case. Raises ExpressionError.
    """
    if text.startswith("@") and not text.startswith(("@@", "@{")):
        return Parser(text, 1, functions).parse_whole()
    if text.startswith("@@") and not text.startswith("@@{"):
        return join_values(["@", interpolate(text[2:], functions)])
    return interpolate(text, functions)


def interpolate(text: str, functions: Functions) -> Any:
    """The text with the value of each @{expression} inserted."""
    pieces: list[Any] = []
    at = 0
    while (start := text.find("@{", at)) >= 0:
        if start > at and text[start - 1] == "@":
            pieces.append(text[at:start] + "{")
            at = start + 2
            continue
        parser = Parser(text, start + 2, functions)
        pieces += [text[at:start], parser.parse_embedded()]
        at = parser.at
    return join_values([*pieces, text[at:]])


def join_values(pieces: list[Any]) -> Any:
    """All pieces as one text, or UNRESOLVED where one of them is unresolved."""
    return UNRESOLVED if UNRESOLVED in pieces else "".join(map(to_text, pieces))


def to_text(value: Any) -> str:
    """A value as text, as Data Factory writes it."""
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, Mapping | list):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=dict)
    return str(value)


def concat(*values: Any) -> Any:
    if not values:
        raise ExpressionError("concat() needs at least one argument")
    return join_values(list(values))


class Parser:
    """Parses one expression of `text` from the position `at`, and evaluates it at once: no function is lazy."""

    def __init__(self, text: str, at: int, functions: Functions) -> None:
        self.text, self.at, self.depth = text, at, 0
        self.functions: Functions = {"concat": concat, **functions}

    def parse_whole(self) -> Any:
        value = self.parse_value()
        if self.text[self.at :].strip():
            raise self.syntax_error()
        return value

    def parse_embedded(self) -> Any:
        value = self.parse_value()
        self.expect("}")
        return value

    def parse_value(self) -> Any:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ExpressionError(f"an expression is nested deeper than {MAX_DEPTH} levels")
        value = self.parse_operand()
        self.depth -= 1
        return value

    def parse_operand(self) -> Any:
        kind, token = self.next_token()
        if kind == "text":
            return token[1:-1].replace("''", "'")
        if kind == "number":
            if len(token) > MAX_DIGITS:
                raise ExpressionError(f"a number has more than {MAX_DIGITS} digits")
            return float(token) if "." in token else int(token)
        if kind != "name":
            self.at -= len(token)
            raise self.syntax_error()
        if token in LITERALS:
            return LITERALS[token]
        value, path = self.parse_call(token), f"{token}()"
        while self.accept("."):
            kind, key = self.next_token()
            if kind != "name":
                raise ExpressionError(f"`{self.text}` has no name after {path}")
            value, path = get_member(value, key, path), f"{path}.{key}"
        return value

    def parse_call(self, name: str) -> Any:
        """The value of name(arguments). Names of functions are case-insensitive."""
        function = self.functions.get(name.lower())
        if function is None:
            raise ExpressionError(f"`{name}` is not implemented (implemented: {list_names(self.functions)})")
        self.expect("(")
        arguments: list[Any] = []
        while not self.accept(")"):
            if arguments:
                self.expect(",")
            arguments.append(self.parse_value())
        try:
            return function(*arguments)
        except TypeError as error:
            raise ExpressionError(
                f"`{self.text}` passes {len(arguments)} arguments to {name}(), which expects another number"
            ) from error

    def next_token(self) -> tuple[str, str]:
        """The next token as (kind, text); kind is `end` after the last one."""
        match = TOKEN.match(self.text, self.at)
        if match is None:
            return "end", ""
        self.at = match.end()
        kind = match.lastgroup or "end"
        return kind, match[kind]

    def accept(self, symbol: str) -> bool:
        before = self.at
        if self.next_token()[1] == symbol:
            return True
        self.at = before
        return False

    def expect(self, symbol: str) -> None:
        if not self.accept(symbol):
            raise self.syntax_error(f", expected `{symbol}`")

    def syntax_error(self, hint: str = "") -> ExpressionError:
        rest = self.text[self.at :].strip() or "its end"
        return ExpressionError(f"`{self.text}` cannot be evaluated at `{rest}`{hint}")


def get_member(value: Any, key: str, path: str) -> Any:
    """value.key, with a key in any letter case. Raises ExpressionError that lists the keys that exist."""
    if value is UNRESOLVED:
        return UNRESOLVED
    if not isinstance(value, Mapping):
        raise ExpressionError(f"{path} is not an object, so it has no `{key}`")
    found = find_name(key, value)
    if found is None:
        raise ExpressionError(f"{path} has no `{key}` (it has {list_names(value)})")
    return value[found]


def list_names(names: Mapping[str, Any]) -> str:
    return ", ".join(sorted(names)) or "nothing"
