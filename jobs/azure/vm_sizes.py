"""Virtual machine sizes of Azure Machine Learning in a region, as Azure lists them: cores, memory, family, use.

https://learn.microsoft.com/rest/api/azureml/virtual-machine-sizes/list
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from jobs.azure import api_versions
from jobs.azure.arm import Arm

PROVIDER = "Microsoft.MachineLearningServices"
CLUSTER, ENDPOINT = "AmlCompute", "MIR"  # Azure's words in supportedComputeTypes
RESERVED = 1.2  # an online endpoint reserves a fifth more machines than it has, for upgrades
# https://learn.microsoft.com/azure/machine-learning/reference-managed-online-endpoints-vm-sku-list: "Skip 20%"
EXEMPT = ("A100", "H100", "STANDARD_ND")
# GiB of one GPU by a part of the size's name, which Azure's list lacks:
# https://learn.microsoft.com/azure/virtual-machines/sizes/overview#gpu-accelerated
GPU_GIB = {"_T4_": 16, "A100": 80, "H100": 80, "_A10_": 24, "ND96asr": 40}


@dataclass(frozen=True)
class Size:
    """`memory_gib` is that of the machine, `gpu_gib` that of all its GPUs, 0 where none is known."""

    name: str
    family: str
    cores: int
    memory_gib: float
    gpus: int
    low_priority: bool
    uses: tuple[str, ...]

    @property
    def gpu_gib(self) -> int:
        return self.gpus * next((gib for part, gib in GPU_GIB.items() if part.lower() in self.name.lower()), 0)

    def endpoint_cores(self, instances: int) -> int:
        """The cores of quota that an online deployment of so many instances takes."""
        exempt = any(part in self.name.upper() for part in EXEMPT)
        return (instances if exempt else ceil(RESERVED * instances)) * self.cores


def list_sizes(arm: Arm, subscription_id: str, region: str) -> list[Size]:
    """Every size that the region has. Raises AzureError."""
    path = f"/subscriptions/{subscription_id}/providers/{PROVIDER}/locations/{region}/vmSizes"
    return [parse_size(each) for each in arm.pages(path, api_versions.MACHINE_LEARNING)]


def parse_size(answer: Mapping[str, Any]) -> Size:
    return Size(
        name=str(answer.get("name")),
        family=str(answer.get("family")),
        cores=int(answer.get("vCPUs") or 0),
        memory_gib=float(answer.get("memoryGB") or 0),
        gpus=int(answer.get("gpus") or 0),
        low_priority=bool(answer.get("lowPriorityCapable")),
        uses=tuple(map(str, answer.get("supportedComputeTypes") or ())),
    )


def find_size(sizes: Iterable[Size], name: str) -> Size | None:
    """The size of a name, whose case Azure does not mind."""
    return next((each for each in sizes if each.name.lower() == name.lower()), None)
