"""The errors that a user reads, their kinds for scripts, and how a service's message becomes one sentence."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar


class ErrorKind(StrEnum):
    """What went wrong, for scripts: the `kind` beside `error` in the object of `--json`.

    A script tries again later on `unavailable`, asks a person about `refused`, and corrects its call on `usage`,
    `invalid` and `not_found`.
    """

    usage = "usage"  # the command line is wrong: an unknown option, a missing argument. Exit status 2
    invalid = "invalid"  # a file, a setting or a value was found and cannot be used
    not_found = "not_found"  # what was named does not exist: a folder, a table, a stack, a run
    refused = "refused"  # a service, the file system or your answer does not allow it: no login, no role, a "no"
    unavailable = "unavailable"  # no answer, a full disk, or a program or package that is not installed
    conflict = "conflict"  # something that exists already, or another command at work, prevents it
    stopped = "stopped"  # Ctrl-C. Exit status 130
    failed = "failed"  # anything else: the work began and did not succeed


class JobError(Exception):
    """An expected failure: one sentence that says what is wrong and what to do next. No traceback.

    `details` are more keys for the object of `--json`: what is too long for a sentence. `status` is the exit status.
    """

    status: ClassVar[int] = 1

    def __init__(
        self, message: str, kind: ErrorKind = ErrorKind.failed, details: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.details = details or {}


class StoppedError(JobError):
    """The user stopped the command: one sentence that says what continues without it."""

    status = 130

    def __init__(self, message: str) -> None:
        super().__init__(message, ErrorKind.stopped)


def explain(text: str, hints: Mapping[str, str], default: str, **values: str) -> str:
    """Returns the sentence of the first pattern of `hints` that is found in `text`, in any case; else `default`.

    A sentence is a format string: `values` fill its braces, and so do the named groups of the pattern. Pass words of a
    service as a value, never inside the sentence: they may contain braces.
    """
    for pattern, sentence in hints.items():
        match = re.search(pattern, text, re.IGNORECASE)
        if match:
            return sentence.format(**{**values, **match.groupdict(default="")})
    return default.format(**values)
