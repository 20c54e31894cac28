"""The errors that a person is meant to read, their kinds, and how a service's words become one sentence."""

import re
from collections.abc import Mapping
from enum import StrEnum


class ErrorKind(StrEnum):
    """What went wrong, for scripts: the `kind` beside `error` in the object of `--json`."""

    usage = "usage"  # the command line itself is wrong
    invalid = "invalid"  # a file, a setting or a value that was given cannot be used
    not_found = "not_found"  # what was named does not exist: a folder, a table, a stack, a run
    refused = "refused"  # a service does not allow it: no login, no role, no quota
    unavailable = "unavailable"  # a service does not answer, or not now; or a program is not installed
    conflict = "conflict"  # what is there already, or somebody else's work, stands in the way
    stopped = "stopped"  # Ctrl-C
    failed = "failed"  # anything else: the work began and did not succeed


class JobError(Exception):
    """An expected failure: one sentence that says what is wrong and what to do next. Exit status 1, no traceback."""

    def __init__(self, message: str, kind: ErrorKind = ErrorKind.failed) -> None:
        super().__init__(message)
        self.kind = kind


class StoppedError(JobError):
    """The person stopped the command: one sentence that says what goes on without it. Exit status 130."""

    def __init__(self, message: str) -> None:
        super().__init__(message, ErrorKind.stopped)


def explain(text: str, hints: Mapping[str, str], default: str, **values: str) -> str:
    """The sentence for what a service or program said: that of the first pattern of `hints` found in `text`.

    `values` fill the sentence's braces, and so do the named groups of the pattern. `default` is for all other texts.
    """
    for pattern, sentence in hints.items():
        match = re.search(pattern, text, re.IGNORECASE)
        if match:
            return sentence.format(**values, **match.groupdict())
    return default.format(**values)
