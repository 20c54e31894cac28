"""Resource providers: a service has to be registered once in a subscription before a program can use it."""

from collections.abc import Collection

from jobs.azure import api_versions
from jobs.configuration import Configuration
from jobs.doctor.check import Check
from jobs.doctor.context import StackContext
from jobs.errors import ErrorKind, JobError
from jobs.terminal import log
from jobs.wait import wait_until

POSTGRES = "Microsoft.DBforPostgreSQL"
STORAGE = "Microsoft.Storage"
KEY_VAULT = "Microsoft.KeyVault"
COGNITIVE_SERVICES = "Microsoft.CognitiveServices"
SEARCH = "Microsoft.Search"
MACHINE_LEARNING = "Microsoft.MachineLearningServices"
REGISTRY = "Microsoft.ContainerRegistry"
ALWAYS_REQUIRED = (POSTGRES, STORAGE, KEY_VAULT, "Microsoft.DataFactory", COGNITIVE_SERVICES)
POLL_SECONDS = 5.0
MAX_SECONDS = 300.0


def required_providers(config: Configuration) -> tuple[str, ...]:
    """The providers that the stack's resources need. Those of groups, roles and policies are always registered."""
    optional = {
        "Microsoft.Consumption": config.budget,
        "Microsoft.Insights": config.diagnostics or config.machine_learning,
        "Microsoft.OperationalInsights": config.diagnostics or config.machine_learning,
        MACHINE_LEARNING: config.machine_learning,
        REGISTRY: config.machine_learning,
        "Microsoft.ManagedIdentity": config.machine_learning,
        SEARCH: config.search != "none",
        "Microsoft.Network": config.private,
    }
    return (*ALWAYS_REQUIRED, *(name for name, wanted in optional.items() if wanted))


def missing_providers(context: StackContext) -> tuple[str, ...]:
    """The required providers that are not registered.

    https://learn.microsoft.com/rest/api/resources/providers/list
    """
    listed = context.arm.pages(f"{context.subscription}/providers", api_versions.RESOURCES)
    registered = {
        str(each.get("namespace")).lower() for each in listed if each.get("registrationState") == "Registered"
    }
    return tuple(name for name in required_providers(context.config) if name.lower() not in registered)


def check_providers(config: Configuration, missing: Collection[str]) -> Check:
    if not missing:
        return Check("providers", "ok", f"all {len(required_providers(config))} registered")
    fix = f"python -m jobs doctor --target {config.stack} --register"
    return Check("providers", "problem", f"not registered: {', '.join(missing)}.", fix)


def register_missing(context: StackContext) -> list[Check]:
    """What `--register` does. It has no line of its own: the check that follows reports the state."""
    register(context, missing_providers(context))
    return []


def register(context: StackContext, missing: Collection[str]) -> None:
    """Register providers, and wait until Azure has done it. Raises AzureError, and JobError after five minutes.

    https://learn.microsoft.com/rest/api/resources/providers/register
    """
    for name in missing:
        log(f"registering {name}, which takes a minute or two")
        context.arm.post(f"{context.subscription}/providers/{name}/register", api_versions.RESOURCES)
    pending = list(missing)

    def is_done() -> bool:
        pending[:] = [name for name in missing if not is_registered(context, name)]
        return not pending

    if not wait_until(is_done, every=POLL_SECONDS, at_most=MAX_SECONDS):
        raise JobError(
            f"Azure is still registering {', '.join(pending)}: run the same command again in some minutes.",
            ErrorKind.unavailable,
        )


def is_registered(context: StackContext, name: str) -> bool:
    answer = context.arm.get(f"{context.subscription}/providers/{name}", api_versions.RESOURCES)
    return answer.get("registrationState") == "Registered"
