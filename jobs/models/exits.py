"""What ends a command about models with an exit status of its own, for CI. All other failures end with 1."""

from collections.abc import Iterable

from jobs.errors import JobError


class QuotaError(JobError):
    """The quota, or the region, has not enough room."""

    status = 3


class RetiredError(JobError):
    """A model is retired, or is so within the days that were asked for."""

    status = 4


class NotOfferedError(JobError):
    """Azure does not offer that, or it is not possible that way."""

    status = 5


class NotProvedError(JobError):
    """Nothing proves that a deployment is out of use. Nothing was deleted."""

    status = 6


ORDER = (RetiredError.status, NotOfferedError.status, QuotaError.status, 1)  # where several apply


def worst_status(statuses: Iterable[int]) -> int:
    """The exit status for several findings; 0 without one."""
    found = set(statuses)
    return next((each for each in ORDER if each in found), 0)
