"""doctor: check everything that `pulumi up` needs before you run it, with the command that fixes each problem.

First this machine; then, with a login, the subscription and the facts that later checks need; then the rest, all at
the same time. One line lists the checks that have to wait until something else is fixed.
"""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

from jobs import configuration
from jobs.azure.account import Account, has_machine_login, signed_in_account, subscription_id
from jobs.azure.arm import Arm
from jobs.azure.soft_deleted import DeletedResource
from jobs.configuration import Configuration
from jobs.doctor import (
    address,
    interruption,
    leftovers,
    machine,
    machine_learning,
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
from jobs.doctor.providers import COGNITIVE_SERVICES, MACHINE_LEARNING, POSTGRES, SEARCH
from jobs.documents.vectors import ALIAS
from jobs.errors import ErrorKind, JobError
from jobs.notice import say_if_slow

MAX_SECONDS = 60.0  # for all checks, without the registration of providers
AZURE_CHECKS = "subscription, providers, regions, roles, postgres, names, leftovers, models"


@dataclass(frozen=True)
class DoctorOptions:
    """The options of the command. `my_ip` is the address of your machine, if you gave it."""

    stack: str
    register: bool = False
    my_ip: str | None = None


@say_if_slow("Checking this machine and Azure")
def run_doctor(options: DoctorOptions) -> DoctorReport:
    """Run every check. Raises JobError when the stack's configuration cannot be read."""
    if options.stack == "local":
        raise JobError(
            "Nothing of the laptop's target is on Azure: name a stack, `python -m jobs doctor --target dev`.",
            ErrorKind.invalid,
        )
    deadline = time.monotonic() + MAX_SECONDS
    config, account = configuration.read_configuration(options.stack), signed_in_account()
    checks = run_checks(local_tasks(options, config, account), deadline).checks
    if account or has_machine_login():
        checks += check_azure(options, config, account, deadline)
    else:
        checks.append(Check("azure", "skipped", f"needs the login: {AZURE_CHECKS}"))
    return to_report(options.stack, checks, list_hints(config))


def list_hints(config: Configuration) -> tuple[str, ...]:
    """What the stack could have besides its models."""
    aliases = {str(each.get("alias")).lower() for each in config.models}
    if not aliases or ALIAS in aliases:
        return ()
    return (f"no deployment `{ALIAS}`: documents are found by words alone; docs/settings.md has its entry",)


def local_tasks(options: DoctorOptions, config: Configuration, account: Account | None) -> dict[str, Task]:
    """The checks that do not need Azure."""
    return {
        "python": lambda: [machine.check_python()],
        "packages": lambda: [machine.check_packages()],
        "pulumi": lambda: [machine.check_pulumi(options.stack)],
        "azure login": lambda: [machine.check_login(account)],
        "stack": lambda: [
            check_configuration(config),
            address.check_address(config, options.my_ip),
            *modes.check_modes(config),
        ],
        "interrupted": lambda: interruption.check_interruption(options.stack),
    }


def check_configuration(config: Configuration) -> Check:
    if config.configured:
        return Check("stack", "ok", f"{config.file}, names end in {config.name_suffix or 'nothing'}")
    text = f"no {config.file}: everything is as Pulumi.yaml has it, names without a suffix too."
    return Check("stack", "warning", text, f"pulumi stack init {config.stack}")


def check_azure(options: DoctorOptions, config: Configuration, account: Account | None, deadline: float) -> list[Check]:
    """The checks that need Azure."""
    try:
        subscription = subscription_id(config, account)
    except JobError as error:  # a pipeline's login names none
        return [Check("subscription", "problem", str(error), "az account list --output table")]
    with ExitStack() as stack:
        arm = stack.enter_context(Arm())
        context = StackContext(
            arm=arm, subscription_id=subscription, user=account.user if account else "", config=config
        )
        batches = check_subscription(context, options, deadline)
        if not all(each.complete for each in batches):
            stack.pop_all()  # a thread still uses the connection: keep it open until the process ends
    return [check for each in batches for check in each.checks]


def check_subscription(context: StackContext, options: DoctorOptions, deadline: float) -> list[Batch]:
    """The subscription, then the facts that later checks need, then the rest."""
    first = run_checks({"subscription": lambda: subscriptions.check_subscription(context)}, deadline)
    if not first.complete:
        first = Batch([Check("subscription", "problem", "Azure did not answer in time: are you online?")], False)
    if first.checks[0].status == "problem":
        return [first, Batch([Check("azure", "skipped", f"needs the subscription: {AZURE_CHECKS}")], True)]
    if options.register:
        started = time.monotonic()
        first.checks.extend(run_check("providers", lambda: providers.register_missing(context)))
        deadline += time.monotonic() - started
    facts = Facts(context)
    second = run_checks({"group": facts.existing, "providers": facts.providers, "regions": facts.regions}, deadline)
    return [first, second, run_checks(remaining_tasks(facts.context, facts.missing), deadline)]


class Facts:
    """The facts that later checks need. Each method is a task: it stores a fact and returns its own checks."""

    def __init__(self, context: StackContext) -> None:
        self.missing: tuple[str, ...] = ()
        self._context, self._existing, self._allowed = context, context.existing, context.allowed_regions

    @property
    def context(self) -> StackContext:
        return replace(self._context, existing=self._existing, allowed_regions=self._allowed)

    def existing(self) -> list[Check]:
        self._existing = existing_resources(self._context)
        return []

    def providers(self) -> list[Check]:
        self.missing = providers.missing_providers(self._context)
        return [providers.check_providers(self._context.config, self.missing)]

    def regions(self) -> list[Check]:
        self._allowed = regions.allowed_regions(self._context)
        return [regions.check_region(replace(self._context, allowed_regions=self._allowed))]


def remaining_tasks(context: StackContext, missing: Sequence[str]) -> dict[str, Task]:
    """The other checks. One line lists those that have to wait until their provider is registered."""
    needs = {"postgres": POSTGRES, "models": COGNITIVE_SERVICES, "search": SEARCH, "cluster": MACHINE_LEARNING}
    tasks: dict[str, Task] = {
        "roles": lambda: permissions.check_permissions(context),
        "postgres": lambda: postgres.check_postgres(context),
        "names": lambda: check_names(context, missing),
        "models": lambda: models.check_models(context),
        "search": lambda: search.check_search(context),
        "cluster": lambda: machine_learning.check_machine_learning(context),
    }
    if not context.config.machine_learning:
        del tasks["cluster"]
    if context.config.search != "free":
        del tasks["search"]
    waiting = [name for name, provider in needs.items() if provider in missing and name in tasks]
    tasks = {name: task for name, task in tasks.items() if name not in waiting}
    unchecked = sorted({each.name for each in names.name_questions(context.config) if each.provider in missing})
    if later := waiting + unchecked:
        text = f"until the providers are registered: {', '.join(later)}"
        tasks["later"] = lambda: [Check("later", "skipped", text)]
    return tasks


def check_names(context: StackContext, missing: Sequence[str]) -> list[Check]:
    """The names, and soft-deleted resources that hold one. Where Azure refuses one request the other is still sent."""
    deleted: list[DeletedResource] = []

    def find_and_check() -> list[Check]:
        deleted.extend(leftovers.find_leftovers(context, missing))
        return [leftovers.check_leftovers(context, deleted)]

    last = run_check("leftovers", find_and_check)
    held = {each.name.lower() for each in leftovers.blocking_leftovers(context, deleted)}
    return [*run_check("names", lambda: names.check_names(context, missing, held)), *last]
