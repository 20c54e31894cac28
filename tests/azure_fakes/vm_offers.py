"""What Azure Machine Learning offers a student in each region: sizes, and the quotas of their families.

https://learn.microsoft.com/rest/api/azureml/virtual-machine-sizes/list
https://learn.microsoft.com/rest/api/azureml/usages/list
"""

from typing import Any

ALL = ("AmlCompute", "ComputeInstance", "MIR")


def vm_size(name: str, family: str, cores: int, memory: float, gpus: int = 0, **more: Any) -> dict[str, Any]:
    """A size as Azure lists it."""
    entry = {"name": name, "family": family, "vCPUs": cores, "gpus": gpus, "memoryGB": memory, "premiumIO": True}
    return entry | {"lowPriorityCapable": True, "supportedComputeTypes": list(ALL)} | more


def default_sizes() -> list[dict[str, Any]]:
    return [
        vm_size("Standard_DS2_v2", "standardDSv2Family", 2, 7.0),
        vm_size("Standard_DS3_v2", "standardDSv2Family", 4, 14.0),
        vm_size("Standard_DS4_v2", "standardDSv2Family", 8, 28.0),
        vm_size("Standard_E4s_v3", "standardESv3Family", 4, 32.0),
        vm_size("Standard_D13_v2", "standardDv2Family", 8, 56.0, supportedComputeTypes=["AmlCompute"]),
        vm_size("Standard_NC4as_T4_v3", "Standard NCASv3_T4 Family", 4, 28.0, gpus=1),
        vm_size("Standard_NC24ads_A100_v4", "StandardNCADSA100v4Family", 24, 220.0, gpus=1),
    ]


def vm_usage(name: str, used: int, limit: int, inside: str = "") -> dict[str, Any]:
    """A quota as Azure lists it; -1 is no limit. `inside`: the workspace whose share it is, with the same name."""
    label = {"value": name, "localizedValue": name}
    amounts = {"unit": "Count", "currentValue": used, "limit": limit}
    return {"id": f"/subscriptions/x{inside}/usages", "name": label, **amounts}


def default_vm_usages() -> list[dict[str, Any]]:
    """Those of a student: 6 cores of each small family, none of a GPU."""
    return [
        vm_usage("Total Cluster Dedicated Regional vCPUs", 0, 20),
        vm_usage("Total Cluster LowPriority Regional vCPUs", 0, 0),
        vm_usage("Standard DSv2 Family Cluster Dedicated vCPUs", 0, 6),
        vm_usage("Standard DSv2 Family Cluster Dedicated vCPUs", 0, 6, inside="/workspaces/another"),
        vm_usage("Standard ESv3 Family Cluster Dedicated vCPUs", 0, 20),
        vm_usage("Standard Dv2 Family Cluster Dedicated vCPUs", 0, 6),
        vm_usage("Standard NCASv3_T4 Family Cluster Dedicated vCPUs", 0, 0),
        vm_usage("Standard NCADSA100v4 Family Cluster Dedicated vCPUs", 0, 0),
        vm_usage("Standard DSv2 Family Cluster LowPriority vCPUs", 0, -1),
    ]
