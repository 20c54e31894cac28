"""Validators for JSON documents. A validator yields one (path, message) for each problem in a value.

A value that is not resolved yet passes as text, number or boolean, never as an object or a list.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeAlias

Problem: TypeAlias = tuple[str, str]
Validator: TypeAlias = Callable[[Any], Iterator[Problem]]

NOT_IMPLEMENTED = "is not implemented by the local runner: remove it, or run the pipeline on Azure"
TIMESPAN = re.compile(r"(?:(\d{1,5})\.)?([01]\d|2[0-3]):([0-5]\d):([0-5]\d)")


class Unresolved:
    """The value of an expression that reads an activity's output: it is known only during the run."""

    def __repr__(self) -> str:
        return "a value that is known only during the run"


UNRESOLVED: Final = Unresolved()


def leaf(test: Callable[[Any], bool], expected: str) -> Validator:
    """A value that passes `test`. `expected` completes the message "has to be ..."."""

    def check(value: Any) -> Iterator[Problem]:
        if value is not UNRESOLVED and not test(value):
            yield "", f"has to be {expected}, and is {describe_value(value)}"

    return check


def describe_value(value: Any) -> str:
    """A value for a message. Objects and lists are only named: their content may be long or secret."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    return repr(value)


def is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


text = leaf(lambda value: isinstance(value, str) and bool(value), "text")
boolean = leaf(lambda value: isinstance(value, bool), "true or false")
non_negative = leaf(lambda value: is_integer(value) and value >= 0, "a whole number, 0 or more")
positive = leaf(lambda value: is_integer(value) and value > 0, "a whole number above 0")
timespan = leaf(lambda value: isinstance(value, str) and bool(TIMESPAN.fullmatch(value)), "a time as d.hh:mm:ss")
anything: Validator = leaf(lambda value: True, "anything")


def between(minimum: int, maximum: int) -> Validator:
    """A whole number from `minimum` to `maximum`, as Data Factory's own service bounds it."""
    return leaf(
        lambda value: is_integer(value) and minimum <= value <= maximum,
        f"a whole number from {minimum:,} to {maximum:,}",
    )


def one_of(*choices: Any, who: str = "the local runner implements") -> Validator:
    """Exactly one of the choices. Data Factory may accept others that the local runner does not implement.

    With another `who` it accepts none.
    """
    implemented = " or ".join(repr(choice) for choice in choices)

    def check(value: Any) -> Iterator[Problem]:
        if value is not UNRESOLVED and not any(value == choice and type(value) is type(choice) for choice in choices):
            yield "", f"is {describe_value(value)}, and {who} {implemented}"

    return check


def list_of(validator: Validator, min_items: int = 0, max_items: int | None = None) -> Validator:
    """A list of `min_items` to `max_items` items, each valid by `validator`."""
    length = f" of {min_items} or more" if min_items else ""
    length = f" of exactly {min_items}" if min_items and min_items == max_items else length

    def check(value: Any) -> Iterator[Problem]:
        if not isinstance(value, list) or len(value) < min_items or (max_items is not None and len(value) > max_items):
            yield "", f"has to be a list{length}, and is {describe_value(value)}"
            return
        for index, item in enumerate(value):
            yield from prefix_paths(str(index), validator(item))

    return check


def object_of(required: Mapping[str, Validator], optional: Mapping[str, Validator] | None = None) -> Validator:
    """An object that has all required keys, and no other keys than the optional ones."""
    validators = {**required, **(optional or {})}

    def check(value: Any) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield "", f"has to be an object, and is {describe_value(value)}"
            return
        for key in value:
            yield from prefix_paths(key, validators[key](value[key])) if key in validators else [(key, NOT_IMPLEMENTED)]
        yield from ((key, "is missing: add it") for key in required if key not in value)

    return check


def map_of(validator: Validator) -> Validator:
    """An object with any keys, each value valid by `validator`."""

    def check(value: Any) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield "", f"has to be an object, and is {describe_value(value)}"
            return
        for key, item in value.items():
            yield from prefix_paths(key, validator(item))

    return check


def tagged(validators: Mapping[str, Validator]) -> Validator:
    """An object whose `type` selects the validator for its other keys."""

    def check(value: Any) -> Iterator[Problem]:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(kind, str):
            yield "", 'has to be an object with a "type"'
        elif kind not in validators:
            yield "type", f"{kind!r} is not implemented by the local runner (it has {', '.join(validators)})"
        else:
            yield from validators[kind]({key: item for key, item in value.items() if key != "type"})

    return check


def prefix_paths(prefix: str, problems: Iterator[Problem]) -> Iterator[Problem]:
    return ((join_path(prefix, path), message) for path, message in problems)


def join_path(path: str, key: str) -> str:
    """The path of `key` inside the value at `path`."""
    return ".".join(filter(None, (path, key)))
