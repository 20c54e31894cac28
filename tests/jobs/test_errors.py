"""Errors: their kinds, and the sentence for a service's message."""

import pytest

from jobs.errors import ErrorKind, JobError, StoppedError, explain

HINTS = {
    r"no such host": "The server {server} does not exist.",
    r"quota of (?P<limit>\d+)(?: (?P<unit>\w+))?": "The quota of {server} is {limit}{unit}.",
    r"host": "A host of {server}.",
}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Error: no such host", "The server psql-fer does not exist."),
        ("ERROR: NO SUCH HOST", "The server psql-fer does not exist."),
        ("another host", "A host of psql-fer."),
        ("a quota of 8vCores", "The quota of psql-fer is 8."),
        ("a quota of 8 GB", "The quota of psql-fer is 8GB."),
        ("something else", "Unknown, psql-fer: something else"),
        ("a text with {braces} and {0}", "Unknown, psql-fer: a text with {braces} and {0}"),
        ("first line\nno such host\n", "The server psql-fer does not exist."),
    ],
)
def test_the_first_pattern_that_is_found_gives_the_sentence(text: str, sentence: str) -> None:
    assert explain(text, HINTS, "Unknown, {server}: {message}", server="psql-fer", message=text) == sentence


def test_a_group_of_the_pattern_comes_before_a_value_of_the_same_name() -> None:
    assert explain("port 5432", {r"port (?P<port>\d+)": "{port}"}, "", port="unknown") == "5432"


def test_an_error_has_a_kind() -> None:
    assert JobError("It failed.").kind is ErrorKind.failed
    assert JobError("It is not there.", ErrorKind.not_found).kind is ErrorKind.not_found
    assert StoppedError("Stopped.").kind is ErrorKind.stopped
    assert isinstance(StoppedError("Stopped."), JobError)


def test_the_kinds_are_those_that_scripts_rely_on() -> None:
    kinds = {"usage", "invalid", "not_found", "refused", "unavailable", "conflict", "stopped", "failed"}
    assert {str(kind) for kind in ErrorKind} == kinds
