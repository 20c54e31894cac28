"""What every check on Azure asks with, and what the first answers tell the later ones."""

from collections.abc import Collection
from dataclasses import dataclass, field

from azure.core.exceptions import ResourceNotFoundError

from jobs.azure import api_versions
from jobs.azure.arm import Arm
from jobs.configuration import Configuration


@dataclass(frozen=True, kw_only=True)
class StackContext:
    """One stack in one subscription. `own` are the (type, name) of what stands in its group, in small letters."""

    arm: Arm
    subscription_id: str
    user: str
    chosen: Configuration
    own: Collection[tuple[str, str]] = field(default_factory=frozenset)
    allowed: Collection[str] | None = None  # the regions of the policies; None where nothing limits them

    @property
    def subscription(self) -> str:
        return f"/subscriptions/{self.subscription_id}"

    @property
    def group(self) -> str:
        return f"{self.subscription}/resourceGroups/{self.chosen.resource_group}"

    def owns(self, kind: str, name: str) -> bool:
        return (kind.lower(), name.lower()) in self.own


def existing_resources(place: StackContext) -> frozenset[tuple[str, str]]:
    """What stands in the stack's group; nothing where there is no group yet.

    https://learn.microsoft.com/rest/api/resources/resources/list-by-resource-group
    """
    try:
        found = list(place.arm.pages(f"{place.group}/resources", api_versions.RESOURCES))
    except ResourceNotFoundError:
        return frozenset()
    return frozenset((str(each.get("type")).lower(), str(each.get("name")).lower()) for each in found)
