"""The cores that a subscription may use for Azure Machine Learning in a region. It is not the quota of its machines.

https://learn.microsoft.com/rest/api/azureml/usages/list
https://learn.microsoft.com/azure/machine-learning/how-to-manage-quotas
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Any

from jobs.azure import api_versions
from jobs.azure.arm import Arm
from jobs.azure.vm_sizes import ENDPOINT, PROVIDER, Size

PAGE = "https://ml.azure.com/quota"
DEDICATED, LOW_PRIORITY = "total cluster dedicated regional", "total cluster lowpriority regional"
MOST_SUGGESTED = 2
NOT_OF_THE_FAMILY = re.compile(r" cluster dedicated| vcpus$|\s")


@dataclass(frozen=True)
class Demand:
    """Machines of one size. `use` is Azure's word: CLUSTER, or ENDPOINT, which reserves more than it has."""

    size: Size
    use: str
    machines: int = 1
    low_priority: bool = False

    @property
    def cores(self) -> int:
        return self.size.endpoint_cores(self.machines) if self.use == ENDPOINT else self.machines * self.size.cores

    @property
    def is_possible(self) -> bool:
        """Whether Azure has the size for this use."""
        return self.use in self.size.uses and (self.size.low_priority or not self.low_priority)


@dataclass(frozen=True)
class Quota:
    """`limit` is infinite where Azure sets none. `name` is Azure's own."""

    name: str
    used: int
    limit: float

    @property
    def free(self) -> float:
        return max(self.limit - self.used, 0)


@dataclass(frozen=True)
class Shortage:
    """More cores are wanted than a quota has free. `instead` are sizes that fit, the largest first."""

    quota: Quota
    wanted: int
    instead: tuple[str, ...] = ()

    def __str__(self) -> str:
        fits = f"; {' or '.join(self.instead)} would fit" if self.instead else ""
        return (
            f"{self.quota.name}: {self.wanted} wanted, {self.quota.free:g} of {self.quota.limit:g} free{fits}; "
            f"ask for more at {PAGE}"
        )


def list_quotas(arm: Arm, subscription_id: str, region: str) -> list[Quota]:
    """Every quota of the subscription, without the shares of single workspaces. Raises AzureError."""
    path = f"/subscriptions/{subscription_id}/providers/{PROVIDER}/locations/{region}/usages"
    answers = arm.pages(path, api_versions.MACHINE_LEARNING)
    return [parse_quota(each) for each in answers if "/workspaces/" not in str(each.get("id"))]


def parse_quota(answer: Mapping[str, Any]) -> Quota:
    name = answer.get("name") or {}
    limit = int(answer.get("limit") or 0)
    shown = str(name.get("localizedValue") or name.get("value"))
    return Quota(shown, int(answer.get("currentValue") or 0), inf if limit < 0 else limit)


def quotas_of(quotas: Iterable[Quota], demand: Demand) -> list[Quota]:
    """The quotas that the cores come from: those of the family and of the region; of low priority the region's."""
    total = LOW_PRIORITY if demand.low_priority else DEDICATED
    family = "" if demand.low_priority else plain_family(demand.size.family)
    return [
        each
        for each in quotas
        if each.name.lower().replace("low priority", "lowpriority").startswith(total)
        or (family and plain_family(each.name) == family)
    ]


def plain_family(name: str) -> str:
    """`Standard DSv2 Family Cluster Dedicated vCPUs` and `standardDSv2Family` as the same word."""
    return NOT_OF_THE_FAMILY.sub("", name.lower())


def find_shortage(demand: Demand, quotas: Sequence[Quota], sizes: Iterable[Size]) -> Shortage | None:
    """The quota with the fewest of the cores that are lacking; None where none are, or Azure lists none of the size."""
    lacking = [each for each in quotas_of(quotas, demand) if each.free < demand.cores]
    if not lacking:
        return None
    return Shortage(min(lacking, key=lambda each: each.free), demand.cores, suggest_sizes(demand, quotas, sizes))


def suggest_sizes(demand: Demand, quotas: Sequence[Quota], sizes: Iterable[Size]) -> tuple[str, ...]:
    """Sizes for the same use whose cores are free, not larger, with a GPU where that one has one: the largest first."""
    fitting = []
    for size in sizes:
        other = replace(demand, size=size)
        is_alike = bool(size.gpus) == bool(demand.size.gpus) and size.cores <= demand.size.cores
        if is_alike and other.is_possible and all(each.free >= other.cores for each in quotas_of(quotas, other)):
            fitting.append(size)
    ranked = sorted(fitting, key=lambda size: (-size.memory_gib, -size.cores, size.name))
    return tuple(size.name for size in ranked[:MOST_SUGGESTED])
