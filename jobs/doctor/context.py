"""What every check on Azure needs: the client, the configuration, and the facts that the first checks found."""

from collections.abc import Collection
from dataclasses import dataclass, field

from jobs.azure.arm import Arm
from jobs.azure.resources import list_group_resources
from jobs.configuration import Configuration


@dataclass(frozen=True, kw_only=True)
class StackContext:
    """One stack in one subscription. `existing` are the (type, name) of the group's resources, in lower case."""

    arm: Arm
    subscription_id: str
    user: str
    config: Configuration
    existing: Collection[tuple[str, str]] = field(default_factory=frozenset)
    allowed_regions: Collection[str] | None = None  # the regions of the policies; None where nothing limits them

    @property
    def subscription(self) -> str:
        return f"/subscriptions/{self.subscription_id}"

    @property
    def group(self) -> str:
        return f"{self.subscription}/resourceGroups/{self.config.resource_group}"

    def exists(self, kind: str, name: str) -> bool:
        return (kind.lower(), name.lower()) in self.existing


def existing_resources(context: StackContext) -> frozenset[tuple[str, str]]:
    """The resources of the stack's group, as `StackContext.existing` holds them; none without the group."""
    resources = list_group_resources(context.arm, context.group)
    return frozenset((str(each.get("type")).lower(), str(each.get("name")).lower()) for each in resources)
