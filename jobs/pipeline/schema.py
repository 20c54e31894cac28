"""Rules for JSON documents: what may stand where. A rule yields (path, what is wrong there).

A value that is still to come passes for a text, a number and the like, never for an object or a list.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from jobs.pipeline.local_runner.expressions import UNRESOLVED

Problem: TypeAlias = tuple[str, str]
Rule: TypeAlias = Callable[[Any], Iterator[Problem]]

UNKNOWN = "is not implemented by the local runner: take it out, or run the pipeline on Azure"
TIMESPAN = re.compile(r"(?:(\d{1,5})\.)?([01]\d|2[0-3]):([0-5]\d):([0-5]\d)")


def value_of(test: Callable[[Any], bool], wanted: str) -> Rule:
    """A leaf that passes `test`; `wanted` completes "has to be"."""

    def rule(value: Any) -> Iterator[Problem]:
        if value is not UNRESOLVED and not test(value):
            yield "", f"has to be {wanted}, and is {shown(value)}"

    return rule


def shown(value: Any) -> str:
    """A value for a message: containers by their kind, since what stands in them may be long or secret."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    return repr(value)


def is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


text = value_of(lambda value: isinstance(value, str) and bool(value), "text")
flag = value_of(lambda value: isinstance(value, bool), "true or false")
count = value_of(lambda value: is_whole(value) and value >= 0, "a whole number, 0 or more")
positive = value_of(lambda value: is_whole(value) and value > 0, "a whole number above 0")
timespan = value_of(lambda value: isinstance(value, str) and bool(TIMESPAN.fullmatch(value)), "a time as d.hh:mm:ss")
anything: Rule = value_of(lambda value: True, "anything")


def one_of(*choices: Any) -> Rule:
    """One of the choices, to the letter; others are Data Factory's and not ours, or nobody's."""
    known = " or ".join(repr(choice) for choice in choices)

    def rule(value: Any) -> Iterator[Problem]:
        if value is not UNRESOLVED and not any(value == choice and type(value) is type(choice) for choice in choices):
            yield "", f"is {shown(value)}, and the local runner implements {known}"

    return rule


def items(rule: Rule, least: int = 0, most: int | None = None) -> Rule:
    """A list of so many things that each follow `rule`."""

    def check(value: Any) -> Iterator[Problem]:
        if not isinstance(value, list) or len(value) < least or (most is not None and len(value) > most):
            number = "" if not least else f" of exactly {least}" if least == most else f" of {least} or more"
            yield "", f"has to be a list{number}, and is {shown(value)}"
            return
        for at, item in enumerate(value):
            yield from below(str(at), rule(item))

    return check


def fields(required: Mapping[str, Rule], optional: Mapping[str, Rule] | None = None) -> Rule:
    """An object with all of the required keys, and none besides the optional ones."""
    rules = {**required, **(optional or {})}

    def check(value: Any) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield "", f"has to be an object, and is {shown(value)}"
            return
        for key in value:
            yield from below(key, rules[key](value[key])) if key in rules else [(key, UNKNOWN)]
        yield from ((key, "is missing: add it") for key in required if key not in value)

    return check


def by_name(rule: Rule) -> Rule:
    """An object with any keys, whose values follow `rule`."""

    def check(value: Any) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield "", f"has to be an object, and is {shown(value)}"
            return
        for key, item in value.items():
            yield from below(key, rule(item))

    return check


def tagged(rules: Mapping[str, Rule]) -> Rule:
    """An object whose `type` chooses the rule for its other keys."""

    def check(value: Any) -> Iterator[Problem]:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(kind, str):
            yield "", 'has to be an object with a "type"'
        elif kind not in rules:
            yield "type", f"{kind!r} is not implemented by the local runner (it has {', '.join(rules)})"
        else:
            yield from rules[kind]({key: item for key, item in value.items() if key != "type"})

    return check


def below(key: str, found: Iterator[Problem]) -> Iterator[Problem]:
    return ((step(key, path), what) for path, what in found)


def step(path: str, key: str) -> str:
    """The path to `key` in what lies at `path`."""
    return ".".join(filter(None, (path, key)))
