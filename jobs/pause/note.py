"""What `pause` did, for `resume`: only this machine knows that the daily trigger was on before."""

from dataclasses import dataclass

from jobs.stack_record import StackRecord


@dataclass(frozen=True)
class PauseNote:
    """`since` is the day of the stop, None while it is under way, or where somebody else stopped the server.

    `trigger` says whether the daily trigger was on.
    """

    since: str | None
    trigger: bool


NOTES = StackRecord("paused", PauseNote)
