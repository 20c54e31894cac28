"""The one exception that a person is meant to read."""


class JobError(Exception):
    """An expected failure: one sentence that says what is wrong and what to do next. Exit status 1, no traceback."""


class StoppedError(JobError):
    """The person stopped the command: one sentence that says what goes on without it. Exit status 130."""
