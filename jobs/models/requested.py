"""The models in the configuration of a stack, with the quota that their deployments use already."""

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields, replace
from typing import Any

from jobs.configuration import Configuration
from jobs.errors import ErrorKind, JobError
from jobs.models.deployments import Deployment
from jobs.models.life import Policy


@dataclass(frozen=True, kw_only=True)
class RequestedModel:
    """One entry of the setting `models`. `held_quota` is what its deployment uses already, 0 without one."""

    alias: str
    model: str
    version: str
    sku: str
    capacity: int
    format: str = "OpenAI"
    held_quota: float = 0
    two_changes: str = ""  # what differs from the deployment, where Azure refuses that in one request

    @property
    def required_quota(self) -> float:
        """The quota that has to be free for it."""
        return self.capacity - self.held_quota


REQUIRED = frozenset(each.name for each in fields(RequestedModel) if each.default is MISSING)


def read_requested(config: Configuration, deployments: Iterable[Deployment]) -> list[RequestedModel]:
    """The stack's models, with the quota that the account's deployments hold.

    Raises JobError for an entry that the Pulumi program would refuse.
    """
    existing = {each.name.lower(): each for each in deployments}
    if not all(each.keys() >= REQUIRED and isinstance(each["capacity"], int) for each in config.models):
        raise JobError(
            f"An entry of `models` in {config.file} lacks one of {', '.join(sorted(REQUIRED))}, or its capacity is not "
            "a whole number: fix it, docs/settings.md has an example.",
            ErrorKind.invalid,
        )
    return [to_requested(each, existing.get(str(each["alias"]).lower())) for each in config.models]


def to_requested(entry: Mapping[str, Any], deployed: Deployment | None) -> RequestedModel:
    request = RequestedModel(
        alias=str(entry["alias"]),
        model=str(entry["model"]),
        version=str(entry["version"]),
        sku=str(entry["sku"]),
        capacity=entry["capacity"],
    )
    if entry.get("format"):
        request = replace(request, format=str(entry["format"]))
    if deployed is None or deployed.sku.lower() != request.sku.lower():
        return request
    same_model = deployed.model == request.model
    if same_model:
        request = replace(request, held_quota=float(deployed.capacity))
    if same_model and deployed.version == request.version:
        return request
    in_place = same_model or deployed.kind == "provisioned"  # else Pulumi replaces it
    pinned = entry.get("upgradePolicy", Policy.pinned) == Policy.pinned  # else Pulumi sends the model that is there
    if not (in_place and pinned) or deployed.capacity == request.capacity:
        return request
    before = deployed.version if same_model else f"{deployed.model} {deployed.version}"
    after = request.version if same_model else f"{request.model} {request.version}"
    what = "version" if same_model else "model"
    text = f"{what} {before} to {after} and capacity {deployed.capacity} to {request.capacity} at once"
    return replace(request, two_changes=f"Azure refuses {text}")
