"""Evaluate Data Factory's expressions, as far as pipelines here use them: anything else is an error that names it.

    @expression        the whole text is an expression, its value keeps its type
    text @{expression} the value is put into the text; `@@{` stands for `@{`
    @@text             stands for `@text`

An expression is 'text' (a quote doubled inside), a number, true, false, null, or function(arguments).property.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

Functions: TypeAlias = Mapping[str, Callable[..., Any]]

TOKEN = re.compile(r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)|(?P<name>[A-Za-z_]\w*)|(?P<mark>\S))")
WORDS = {"true": True, "false": False, "null": None}


class ExpressionError(ValueError):
    """An expression that cannot be evaluated; the message names the part that is wrong."""


class Unresolved:
    """The value of an expression that only a run can tell, because it reads what an activity gave out."""

    def __repr__(self) -> str:
        return "a value that only a run can tell"


UNRESOLVED: Final = Unresolved()


def evaluate(text: str, functions: Functions) -> Any:
    """The value of a text that stands in {"type": "Expression"}, or LATER.

    `functions` are those besides concat(), by their names in lower case. Raises ExpressionError.
    """
    if text.startswith("@") and not text.startswith(("@@", "@{")):
        return Parser(text, 1, functions).whole()
    if text.startswith("@@") and not text.startswith("@@{"):
        return join(["@", interpolate(text[2:], functions)])
    return interpolate(text, functions)


def interpolate(text: str, functions: Functions) -> Any:
    """A text with the value of each @{expression} in its place."""
    pieces: list[Any] = []
    at = 0
    while (start := text.find("@{", at)) >= 0:
        if start > at and text[start - 1] == "@":
            pieces.append(text[at:start] + "{")
            at = start + 2
            continue
        parser = Parser(text, start + 2, functions)
        pieces += [text[at:start], parser.embedded()]
        at = parser.at
    return join([*pieces, text[at:]])


def join(pieces: list[Any]) -> Any:
    """All pieces as one text, or LATER where one of them is."""
    return UNRESOLVED if UNRESOLVED in pieces else "".join(map(as_text, pieces))


def as_text(value: Any) -> str:
    """A value as Data Factory writes it into a text."""
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, Mapping | list):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=dict)
    return str(value)


def concat(*values: Any) -> Any:
    if not values:
        raise ExpressionError("concat() needs something to put together")
    return join(list(values))


class Parser:
    """Reads one expression of `text` from `at` on and evaluates it on the way: there is nothing to evaluate lazily."""

    def __init__(self, text: str, at: int, functions: Functions) -> None:
        self.text, self.at = text, at
        self.functions: Functions = {"concat": concat, **functions}

    def whole(self) -> Any:
        value = self.value()
        if self.text[self.at :].strip():
            raise self.unknown()
        return value

    def embedded(self) -> Any:
        value = self.value()
        self.expect("}")
        return value

    def value(self) -> Any:
        kind, word = self.take()
        if kind == "text":
            return word[1:-1].replace("''", "'")
        if kind == "number":
            return float(word) if "." in word else int(word)
        if kind != "name":
            self.at -= len(word)
            raise self.unknown()
        if word in WORDS:
            return WORDS[word]
        found, path = self.call(word), f"{word}()"
        while self.accept("."):
            kind, key = self.take()
            if kind != "name":
                raise ExpressionError(f"`{self.text}` has no name behind {path}.")
            found, path = member(found, key, path), f"{path}.{key}"
        return found

    def call(self, name: str) -> Any:
        """The value of name(arguments). Names of functions have no case."""
        function = self.functions.get(name.lower())
        if function is None:
            raise ExpressionError(f"`{name}` is not implemented (there are {list_names(self.functions)})")
        self.expect("(")
        arguments: list[Any] = []
        while not self.accept(")"):
            if arguments:
                self.expect(",")
            arguments.append(self.value())
        try:
            return function(*arguments)
        except TypeError as error:
            raise ExpressionError(f"`{self.text}` gives {name}() {len(arguments)} arguments") from error

    def take(self) -> tuple[str, str]:
        """The next token as (kind, text); kind is `end` behind the last one."""
        match = TOKEN.match(self.text, self.at)
        if match is None:
            return "end", ""
        self.at = match.end()
        kind = match.lastgroup or "end"
        return kind, match[kind]

    def accept(self, mark: str) -> bool:
        before = self.at
        if self.take()[1] == mark:
            return True
        self.at = before
        return False

    def expect(self, mark: str) -> None:
        if not self.accept(mark):
            raise self.unknown(f", `{mark}` belongs there")

    def unknown(self, why: str = "") -> ExpressionError:
        rest = self.text[self.at :].strip() or "its end"
        return ExpressionError(f"`{self.text}` cannot be evaluated at `{rest}`{why}")


def member(value: Any, key: str, path: str) -> Any:
    """value.key, or an error that tells what there is."""
    if value is UNRESOLVED:
        return UNRESOLVED
    if not isinstance(value, Mapping):
        raise ExpressionError(f"{path} has no parts, so no `{key}`")
    if key not in value:
        raise ExpressionError(f"{path} has no `{key}` (it has {list_names(value)})")
    return value[key]


def list_names(names: Mapping[str, Any]) -> str:
    return ", ".join(sorted(names)) or "nothing"
