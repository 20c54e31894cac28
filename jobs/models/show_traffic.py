"""The calls of each deployment in the last minutes that have arrived, and whether one of them is quiet."""

from dataclasses import dataclass
from datetime import timedelta

from jobs.azure.arm import Arm
from jobs.azure.errors import translate_errors
from jobs.errors import ErrorKind, JobError
from jobs.models import clock
from jobs.models.account import check_name, find_account
from jobs.models.choice import Choice
from jobs.models.deployments import list_deployments
from jobs.models.exits import NotProvedError
from jobs.models.offers import HINT, ROLE
from jobs.models.quiet import find_quiet
from jobs.models.traffic import ask_counts
from jobs.notice import say_if_slow

LAG = timedelta(hours=1)


@dataclass(frozen=True)
class Calls:
    """One deployment's calls, of any status."""

    name: str
    calls: float
    per_minute: float


@dataclass(frozen=True)
class Traffic:
    """The calls from `from` to `to`. `quiet`: of the named deployment, None without a name; `reason`: why it is not."""

    start: str
    end: str
    deployments: tuple[Calls, ...]
    control: dict[str, float]
    quiet: bool | None
    reason: str

    @property
    def status(self) -> int:
        """The exit status: 6 where the named deployment is not proved to be quiet."""
        return NotProvedError.status if self.quiet is False else 0

    def document(self) -> dict[str, object]:
        """The object of --json."""
        named = {"start": "from", "end": "to"}
        rows = [vars(each) for each in self.deployments]
        return {named.get(key, key): value for key, value in vars(self).items()} | {"deployments": rows}

    def summary(self) -> str:
        lines = [f"{each.name:<24} {each.calls:>10,g} {each.per_minute:>10,.1f} a minute" for each in self.deployments]
        end = [self.reason] if self.reason else ["quiet"] if self.quiet else []
        return "\n".join([f"Calls from {self.start} to {self.end}, of any status:", *lines, *end])


@say_if_slow("Asking Azure for the calls")
def show_traffic(choice: Choice, name: str | None, minutes: int) -> Traffic:
    """The calls of an account. Raises JobError, NotProvedError where Azure shows no metrics."""
    if name is not None:
        check_name(name, "deployment")
    with translate_errors("the deployments", ROLE, HINT), Arm() as arm:
        account = find_account(arm, choice)
        names = [each.name for each in list_deployments(arm, account)]
        if name is not None and name.lower() not in (each.lower() for each in names):
            raise JobError(f"{account.name} has no deployment {name}: `models report` lists all.", ErrorKind.not_found)
        now = clock.now()
        begin = (now - timedelta(minutes=minutes) - LAG).replace(second=0, microsecond=0)
        counts = ask_counts(arm, account.path, begin, now)
    newest = counts.newest(names)
    end = max(newest) if newest else now.replace(second=0, microsecond=0)
    start = end - timedelta(minutes=minutes)
    control: dict[str, float] = {}
    quiet, reason = None, ""
    if name is not None:
        try:
            found = find_quiet(counts, name, names, minutes)
            quiet, control, start, end = True, found.control, found.start, found.end
        except NotProvedError as error:
            quiet, reason = False, str(error)
    seen = minutes + 1  # the first and the last minute are whole ones
    rows = tuple(Calls(each, total, total / seen) for each in names for total in [counts.total(each, start, end)])
    return Traffic(clock.text(start), clock.text(end), rows, control, quiet, reason)
