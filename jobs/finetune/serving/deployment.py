"""Deploy a version to the free colour of blue and green: made at 0 %, checked, then given its share.

Killed between any two steps, the same order goes on: what is made is found, what is checked is not asked again. The
shares of a serving endpoint sum to 100 at every moment.
"""

from collections.abc import Callable
from dataclasses import dataclass

from jobs.errors import ErrorKind, JobError
from jobs.finetune.registry import find_version
from jobs.finetune.results import Deployment, DeployResult, Endpoint, ModelVersion
from jobs.finetune.runner import Bill, Runner
from jobs.finetune.serving.check import QUESTIONS, check_deployment, find_in_charge
from jobs.state import exclusive_lock

COLOURS = ("blue", "green")
LOCK = ("finetune-deploy.lock", "Another command changes the endpoint")


@dataclass(frozen=True, kw_only=True)
class DeployOrder:
    """`version` None takes the newest of `name`; `size` "" the runner's. `confirm` is asked first."""

    version: int | None = None
    name: str | None = None
    size: str = ""
    instances: int = 1
    traffic: int = 100
    confirm: Callable[[Bill | None], None]


def deploy(runner: Runner, order: DeployOrder) -> DeployResult:
    """Deploy. Raises JobError; a deployment that did not pass the check stays at 0 %."""
    version = find_version(runner.versions(), order.version, order.name)
    size = order.size or runner.default_size(version)
    with exclusive_lock(*LOCK):
        endpoint = runner.read_endpoint()
        colour = pick_colour(endpoint, version, size, order.instances)
        check_share(endpoint, colour, order.traffic)
        if endpoint is None or endpoint.find(colour) is None:
            order.confirm(runner.deployment_bill(version, size, order.instances))
        endpoint = endpoint or runner.make_endpoint()
        make_room(runner, endpoint, colour, is_wanted=lambda each: is_same(each, version, size, order.instances))
        deployment = runner.make_deployment(colour, version, size, order.instances)
        if not deployment.checked:
            check_deployment(runner, endpoint, colour, runner.questions(version, QUESTIONS))
        shares = divide_traffic(endpoint, colour, order.traffic)
        if shares and dict(endpoint.traffic) != shares:
            runner.set_traffic(shares)
        return build_result(runner.read_endpoint() or endpoint, colour)


def pick_colour(endpoint: Endpoint | None, version: ModelVersion, size: str, instances: int) -> str:
    """The colour of this very deployment where it is there, else a free one, else one without traffic.

    Raises JobError where both have traffic.
    """
    deployments = {each.deployment: each for each in endpoint.deployments} if endpoint else {}
    for name, each in deployments.items():
        if is_same(each, version, size, instances):
            return name
    traffic = endpoint.traffic if endpoint else {}
    idle = [each for each in COLOURS if each not in deployments] or [
        each for each in COLOURS if traffic.get(each, 0) == 0
    ]
    if not idle:
        raise JobError(
            "Both deployments have traffic: give all of it to one of them (`finetune traffic blue=100 green=0`), then "
            "run the same command again.",
            ErrorKind.conflict,
        )
    return idle[0]


def is_same(deployment: Deployment, version: ModelVersion, size: str, instances: int) -> bool:
    made = (deployment.model, deployment.version, deployment.size, deployment.instances)
    return made == (version.name, version.version, size, instances)


def make_room(runner: Runner, endpoint: Endpoint, colour: str, is_wanted: Callable[[Deployment], bool]) -> None:
    """Delete what has the colour and is another deployment, or failed: a deployment is never changed."""
    found = endpoint.find(colour)
    if found and endpoint.traffic.get(colour, 0) == 0 and (not is_wanted(found) or found.state == "failed"):
        runner.delete_deployment(colour)


def check_share(endpoint: Endpoint | None, colour: str, share: int) -> None:
    """Raise JobError for a share that leaves some to nobody."""
    others = [each.deployment for each in endpoint.deployments if each.deployment != colour] if endpoint else []
    if not others and share not in (0, 100):
        raise JobError(f"It is the only deployment: --traffic is 100, or 0, and not {share}.", ErrorKind.invalid)


def divide_traffic(endpoint: Endpoint, colour: str, share: int) -> dict[str, int]:
    """The shares of all deployments: the rest goes to the one in charge. Empty where nobody has served yet."""
    in_charge = find_in_charge(endpoint, colour)
    others = [each.deployment for each in endpoint.deployments if each.deployment != colour]
    if not in_charge and share == 0:
        return {}
    rest = in_charge or (others[0] if others else None)
    return {**({rest: 100 - share} if rest else {}), colour: share}


def build_result(endpoint: Endpoint, colour: str) -> DeployResult:
    made = endpoint.find(colour)
    if made is None:
        raise JobError(f"The deployment {colour} is gone: run the same command again.", ErrorKind.conflict)
    return DeployResult(
        endpoint=endpoint.endpoint,
        deployment=colour,
        version=made.version,
        size=made.size,
        instances=made.instances,
        hourly_usd=made.hourly_usd,
        ready_seconds=made.ready_seconds,
        checked=made.checked,
        traffic=dict(endpoint.traffic),
    )
