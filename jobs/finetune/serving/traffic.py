"""Show the traffic of the endpoint, or divide it: nothing goes to a deployment that was not checked."""

from collections.abc import Mapping, Sequence

from jobs.errors import ErrorKind, JobError
from jobs.finetune.registry import find_version
from jobs.finetune.results import Endpoint, TrafficResult
from jobs.finetune.runner import Runner
from jobs.finetune.serving.check import QUESTIONS, check_deployment
from jobs.finetune.serving.deployment import LOCK
from jobs.state import exclusive_lock

NONE = "There is no endpoint: `python -m jobs finetune deploy` makes it."


def show_traffic(runner: Runner) -> TrafficResult:
    """The traffic as it is. Raises JobError without an endpoint."""
    return build_result(require_endpoint(runner))


def change_traffic(runner: Runner, shares: Mapping[str, int], drop_old: bool) -> TrafficResult:
    """Divide the traffic, and with `drop_old` delete what has none. Raises JobError, and then nothing is changed."""
    with exclusive_lock(*LOCK):
        endpoint = require_endpoint(runner)
        check_shares(endpoint, shares or endpoint.traffic)
        wanted = {each.deployment: 0 for each in endpoint.deployments} | dict(shares or endpoint.traffic)
        for colour, share in wanted.items():
            made = endpoint.find(colour)
            if made and share > 0 and not made.checked:
                version = find_version(runner.versions(), made.version, made.model)
                check_deployment(runner, endpoint, colour, runner.questions(version, QUESTIONS))
        if wanted != dict(endpoint.traffic):
            runner.set_traffic(wanted)
        if drop_old:
            for each in endpoint.deployments:
                if wanted.get(each.deployment, 0) == 0:
                    runner.delete_deployment(each.deployment)
        return build_result(require_endpoint(runner))


def require_endpoint(runner: Runner) -> Endpoint:
    endpoint = runner.read_endpoint()
    if endpoint is None:
        raise JobError(NONE, ErrorKind.not_found)
    return endpoint


def check_shares(endpoint: Endpoint, shares: Mapping[str, int]) -> None:
    """Raise JobError for a name that is not a deployment's, and for shares that do not sum to 100."""
    names = [each.deployment for each in endpoint.deployments]
    unknown = sorted(set(shares) - set(names))
    if unknown:
        raise JobError(
            f"The endpoint has no deployment {unknown[0]}, but {' and '.join(names) or 'none'}: name those.",
            ErrorKind.not_found,
        )
    if sum(shares.values()) != 100:
        raise JobError(
            f"The shares sum to {sum(shares.values())} %, and not to 100: give every deployment its share.",
            ErrorKind.invalid,
        )


def parse_shares(words: Sequence[str]) -> dict[str, int]:
    """The shares of words such as blue=90. Raises ValueError with the reason."""
    shares: dict[str, int] = {}
    for word in words:
        name, mark, share = word.partition("=")
        if not mark or not name or not share.isdecimal() or int(share) > 100 or name in shares:
            raise ValueError(f"{word} is not a deployment and its share, such as blue=90")
        shares[name] = int(share)
    return shares


def build_result(endpoint: Endpoint) -> TrafficResult:
    checked = [each.deployment for each in endpoint.deployments if each.checked]
    return TrafficResult(endpoint=endpoint.endpoint, traffic=dict(endpoint.traffic), checked=checked)
