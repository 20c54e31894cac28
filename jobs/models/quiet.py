"""Whether a deployment is quiet: nobody calls it, and the metrics have come far enough to show that. Pure.

Azure Monitor shows minutes that have not arrived yet as 0: ten zeros prove nothing. Only minutes up to the newest one
in which another deployment of the account is seen have arrived.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from jobs.models.exits import NotProvedError
from jobs.models.traffic import Counts

ROUTER_SECONDS = 30  # jobs/models/router.py reads the weights again after so long


@dataclass(frozen=True)
class Quiet:
    """The window in which nobody called. `control`: the deployments that were seen, with their calls in it."""

    start: datetime
    end: datetime
    control: dict[str, float]


def find_quiet(
    counts: Counts,
    name: str,
    others: Sequence[str],
    minutes: int,
    not_before: datetime | None = None,
    rehearsed: tuple[datetime, datetime] | None = None,
) -> Quiet:
    """The quiet window of a deployment. `others`: those of the account whose calls show how far the metrics have come.

    `not_before`: since when nobody should call it. `rehearsed`: from when to when it was paused, which has to be seen
    too. Raises NotProvedError.
    """
    newest = counts.newest([each for each in others if each.lower() != name.lower()])
    if not newest:
        raise NotProvedError(
            "nobody calls another deployment of the account, so nothing shows how far its metrics have "
            f"come since {clock_text(counts.start)}. --probe sends one a request; run it again minutes later."
        )
    end = min(newest)  # of each metric that shows anybody: the one that is behind decides
    start = end - timedelta(minutes=minutes)
    if not_before and start < not_before:
        seen = clock_text(not_before + timedelta(minutes=minutes))
        raise NotProvedError(
            f"the weights say so since {clock_text(not_before)}, and the metrics have come to "
            f"{clock_text(end)}: {minutes} minutes can be seen once they have come to {seen}. Run it again then."
        )
    if rehearsed and end < rehearsed[1]:
        raise NotProvedError(
            f"the rehearsal ended at {clock_text(rehearsed[1])}, and the metrics have come to {clock_text(end)}: run "
            "it again without --rehearse when they have come so far."
        )
    check_no_calls(counts, name, min(start, rehearsed[0]) if rehearsed else start)
    return Quiet(start, end, {each: total for each in others if (total := counts.total(each, start, end))})


def check_no_calls(counts: Counts, name: str, start: datetime) -> None:
    """Raise NotProvedError for any call since `start`, also after the newest minute that counts."""
    if start < counts.start:
        raise NotProvedError("the metrics are too far behind. Run the same command again later.")
    if calls := counts.total(name, start):
        raise NotProvedError(
            f"{name} had {calls:g} calls from {clock_text(start)} to {clock_text(counts.end)}. Who calls is "
            "in the account's diagnostic logs."
        )


def clock_text(moment: datetime) -> str:
    """A minute of the day, in UTC."""
    return moment.strftime("%H:%M")
