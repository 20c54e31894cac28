"""What `runs` shows: the latest runs of a factory, or of this laptop."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class RunSummary:
    """One run. `start` is in UTC; `seconds` is its duration so far; `invoked_by` is a trigger's name, or Manual."""

    run_id: str
    pipeline: str
    status: str
    start: str | None
    seconds: float
    invoked_by: str
    message: str | None

    def lines(self) -> list[str]:
        start = self.start or "not started"
        line = (
            f"{start:20}  {self.status:10}  {self.seconds:7,.0f} s  {self.run_id}  {self.pipeline}, {self.invoked_by}"
        )
        return [line, *(f"    {part}" for part in (self.message or "").splitlines())]


@dataclass(frozen=True, kw_only=True)
class RunsResult:
    """The latest runs, newest first. `found` is the number of all runs in the last `days`."""

    factory: str
    days: int
    found: int
    runs: list[RunSummary]

    def summary(self) -> str:
        if not self.runs:
            return f"No runs in {self.factory} in the last {self.days} days."
        heading = f"{len(self.runs)} of {self.found} runs in {self.factory} in the last {self.days} days:"
        return "\n".join([heading, *(line for run in self.runs for line in run.lines())])
