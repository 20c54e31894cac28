"""Doctor: everything that `pulumi up` needs, looked at before it, with the command that mends each.

This machine first; then, where somebody is logged in, the subscription and what it tells of itself; then the rest, all
at the same time. What cannot be looked at before something else is mended is told in one line.
"""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

from jobs import configuration
from jobs.azure.account import Account, has_machine_login, signed_in_account, subscription_id
from jobs.azure.arm import Arm
from jobs.configuration import Configuration
from jobs.doctor import (
    address,
    leftovers,
    machine,
    models,
    modes,
    names,
    permissions,
    postgres,
    providers,
    regions,
    search,
)
from jobs.doctor import subscription as subscriptions
from jobs.doctor.check import Check, DoctorReport, to_report
from jobs.doctor.concurrency import Batch, Task, run_check, run_checks
from jobs.doctor.context import StackContext, existing_resources
from jobs.doctor.providers import AI, POSTGRES, SEARCH
from jobs.errors import JobError

SECONDS = 60.0  # for everything, but for the registering of providers
ON_AZURE = "subscription, providers, regions, roles, postgres, names, leftovers, models"


@dataclass(frozen=True)
class DoctorOptions:
    """What a person asked for. `my_ip` is the address of their machine, if they told it."""

    stack: str
    register: bool = False
    my_ip: str | None = None


def run_doctor(wish: DoctorOptions) -> DoctorReport:
    """Look at everything. Raises Failure when the stack's configuration cannot be read."""
    if wish.stack == "local":
        raise JobError(
            "Nothing of the laptop's target is on Azure: name a stack, `python -m jobs doctor --target dev`."
        )
    until = time.monotonic() + SECONDS
    chosen, found = configuration.read_configuration(wish.stack), signed_in_account()
    checks = run_checks(local_tasks(wish, chosen, found), until).checks
    if found or has_machine_login():
        checks += check_azure(wish, chosen, found, until)
    else:
        checks.append(Check("azure", "skipped", f"needs the login: {ON_AZURE}"))
    return to_report(wish.stack, checks)


def local_tasks(wish: DoctorOptions, chosen: Configuration, found: Account | None) -> dict[str, Task]:
    """What can be looked at without Azure."""
    return {
        "python": lambda: [machine.check_python()],
        "packages": lambda: [machine.check_packages()],
        "pulumi": lambda: [machine.check_pulumi(wish.stack)],
        "azure login": lambda: [machine.check_login(found)],
        "stack": lambda: [
            check_configuration(chosen),
            address.check_address(chosen, wish.my_ip),
            *modes.check_modes(chosen),
        ],
    }


def check_configuration(chosen: Configuration) -> Check:
    if chosen.configured:
        return Check("stack", "ok", f"{chosen.file}, names end in {chosen.name_suffix or 'nothing'}")
    text = f"no {chosen.file}: everything is as Pulumi.yaml has it, names without a suffix too."
    return Check("stack", "warning", text, f"pulumi stack init {chosen.stack}")


def check_azure(wish: DoctorOptions, chosen: Configuration, found: Account | None, until: float) -> list[Check]:
    """What only Azure can tell."""
    try:
        subscription = subscription_id(chosen, found)
    except JobError as failure:  # a pipeline's login names none
        return [Check("subscription", "problem", str(failure), "az account list --output table")]
    with ExitStack() as opened:
        arm = opened.enter_context(Arm())
        place = StackContext(arm=arm, subscription_id=subscription, user=found.user if found else "", chosen=chosen)
        rounds = check_subscription(place, wish, until)
        if not all(each.complete for each in rounds):
            opened.pop_all()  # a thread still asks: leave it its connection until the process ends
    return [check for each in rounds for check in each.checks]


def check_subscription(place: StackContext, wish: DoctorOptions, until: float) -> list[Batch]:
    """The subscription, then what it tells of itself, then the rest."""
    gate = run_checks({"subscription": lambda: subscriptions.check_subscription(place)}, until)
    if not gate.complete:
        gate = Batch([Check("subscription", "problem", "Azure did not answer in time: are you online?")], False)
    if gate.checks[0].status == "problem":
        return [gate, Batch([Check("azure", "skipped", f"needs the subscription: {ON_AZURE}")], True)]
    if wish.register:
        began = time.monotonic()
        gate.checks.extend(run_check("providers", lambda: providers.register_missing(place)))
        until += time.monotonic() - began
    learnt = Facts(place)
    told = run_checks({"group": learnt.own, "providers": learnt.providers, "regions": learnt.regions}, until)
    return [gate, told, run_checks(remaining_tasks(learnt.place, learnt.absent), until)]


class Facts:
    """What Azure tells that the later checks need. Each method is a task: it notes, and gives its own line."""

    def __init__(self, place: StackContext) -> None:
        self.absent: tuple[str, ...] = ()
        self._place, self._own, self._allowed = place, place.own, place.allowed

    @property
    def place(self) -> StackContext:
        return replace(self._place, own=self._own, allowed=self._allowed)

    def own(self) -> list[Check]:
        self._own = existing_resources(self._place)
        return []

    def providers(self) -> list[Check]:
        self.absent = providers.missing_providers(self._place)
        return [providers.check_providers(self._place.chosen, self.absent)]

    def regions(self) -> list[Check]:
        self._allowed = regions.allowed_regions(self._place)
        return [regions.check_region(replace(self._place, allowed=self._allowed))]


def remaining_tasks(place: StackContext, absent: Sequence[str]) -> dict[str, Task]:
    """What is left, without that which has to wait for its provider: that is told in one line."""
    needs = {"postgres": POSTGRES, "models": AI, "search": SEARCH}
    tasks: dict[str, Task] = {
        "roles": lambda: permissions.check_permissions(place),
        "postgres": lambda: postgres.check_postgres(place),
        "names": lambda: check_names(place, absent),
        "models": lambda: models.check_models(place),
        "search": lambda: search.check_search(place),
    }
    if place.chosen.search != "free":
        del tasks["search"]
    waiting = [name for name, provider in needs.items() if provider in absent and name in tasks]
    tasks = {name: task for name, task in tasks.items() if name not in waiting}
    unasked = sorted({each.name for each in names.name_questions(place.chosen) if each.provider in absent})
    if later := waiting + unasked:
        text = f"until the providers are registered: {', '.join(later)}"
        tasks["later"] = lambda: [Check("later", "skipped", text)]
    return tasks


def check_names(place: StackContext, absent: Sequence[str]) -> list[Check]:
    """Names, and what was deleted and holds one. Where Azure refuses one of the questions the other is still asked."""
    deleted: list[leftovers.Leftover] = []

    def left() -> list[Check]:
        deleted.extend(leftovers.find_leftovers(place, absent))
        return [leftovers.check_leftovers(place, deleted)]

    last = run_check("leftovers", left)
    held = {each.name.lower() for each in leftovers.owned_leftovers(place, deleted)}
    return [*run_check("names", lambda: names.check_names(place, absent, held)), *last]
