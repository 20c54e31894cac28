"""Where a model can be deployed, and how much of it: one request for every region.

https://learn.microsoft.com/rest/api/aiservices/accountmanagement/model-capacities/list
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jobs.azure import api_versions
from jobs.azure.arm import Arm
from jobs.azure.errors import translate_errors
from jobs.models.account import find_account
from jobs.models.choice import Choice
from jobs.models.exits import NotOfferedError, QuotaError
from jobs.models.offers import HINT, ROLE
from jobs.models.target_model import TargetModel
from jobs.notice import say_if_slow


@dataclass(frozen=True)
class Region:
    """The room for one SKU in one region, in the SKU's unit. `fits`: whether the capacity that was asked for does."""

    region: str
    sku: str
    available: float
    fits: bool


@dataclass(frozen=True)
class Regions:
    """The regions that offer a model, those with the most room first."""

    model: str
    version: str
    regions: tuple[Region, ...]

    @property
    def status(self) -> int:
        """The exit status: 5 where no region offers it, 3 where none has the room."""
        if not self.regions:
            return NotOfferedError.status
        return 0 if any(each.fits for each in self.regions) else QuotaError.status

    def summary(self) -> str:
        if not self.regions:
            return f"No region offers {self.model} {self.version} that way: `models list --model {self.model}`."
        lines = [
            f"{each.region:<22} {each.sku:<26} {each.available:>10,g}  {'' if each.fits else 'too little'}".rstrip()
            for each in self.regions
        ]
        return "\n".join([f"{'region':<22} {'sku':<26} {'available':>10}", *lines])


@say_if_slow("Asking Azure for the room in every region")
def find_regions(choice: Choice, wanted: TargetModel, sku: str | None, capacity: int, form: str) -> Regions:
    """Every region and SKU with room for a model. Raises JobError when Azure does not answer."""
    with translate_errors("the room for models", ROLE, HINT), Arm() as arm:
        subscription = find_account(arm, choice).subscription
        found = list_room(arm, f"/subscriptions/{subscription}", form, wanted)
    chosen = [each for each in found if sku is None or each[1].lower() == sku.lower()]
    rows = [Region(region, name, room, room >= capacity) for region, name, room in chosen]
    rows.sort(key=lambda each: (-each.available, each.region, each.sku))
    return Regions(wanted.model, wanted.version, tuple(rows))


def list_room(arm: Arm, scope: str, form: str, wanted: TargetModel) -> list[tuple[str, str, float]]:
    """Region, SKU and available capacity, in a subscription or one of its regions. Raises AzureError."""
    path = f"{scope}/providers/Microsoft.CognitiveServices/modelCapacities"
    query = {"modelFormat": form, "modelName": wanted.model, "modelVersion": wanted.version}
    return [to_room(each) for each in arm.pages(path, api_versions.COGNITIVE_SERVICES, **query)]


def to_room(entry: dict[str, Any]) -> tuple[str, str, float]:
    properties = entry.get("properties") or {}
    region = str(entry.get("location") or "").replace(" ", "").lower()
    return region, str(properties.get("skuName") or ""), float(properties.get("availableCapacity") or 0)


def room_in(rooms: Sequence[tuple[str, str, float]], region: str, sku: str) -> float:
    """The room in one region for one SKU; 0 where it is not in the list."""
    return next((room for where, name, room in rooms if (where, name.lower()) == (region, sku.lower())), 0.0)
