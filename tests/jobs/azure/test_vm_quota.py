"""Cores that a subscription has for Machine Learning: which quotas count, what an endpoint takes, and what fits."""

import pytest

from jobs.azure.arm import Arm
from jobs.azure.vm_quota import PAGE, Demand, find_shortage, list_quotas, plain_family, quotas_of
from jobs.azure.vm_sizes import CLUSTER, ENDPOINT, Size, find_size, list_sizes
from tests.azure_fakes.azure import SUBSCRIPTION
from tests.azure_fakes.cloud import Cloud
from tests.azure_fakes.played_azure import PlayedAzure
from tests.azure_fakes.vm_offers import vm_size, vm_usage
from tests.fake_programs import FakeProgram

REGION = "swedencentral"


@pytest.fixture
def played(cloud: Cloud, az: FakeProgram) -> PlayedAzure:
    return PlayedAzure(cloud)


def read_sizes() -> list[Size]:
    with Arm() as arm:
        return list_sizes(arm, SUBSCRIPTION, REGION)


def shortage_of(name: str, use: str, machines: int = 1, low_priority: bool = False) -> str:
    """What is lacking for machines of a size; "" where nothing is."""
    with Arm() as arm:
        sizes, quotas = list_sizes(arm, SUBSCRIPTION, REGION), list_quotas(arm, SUBSCRIPTION, REGION)
    size = find_size(sizes, name)
    assert size
    return str(find_shortage(Demand(size, use, machines, low_priority), quotas, sizes) or "")


def test_a_student_trains_on_the_default_size_and_serves_on_the_smaller_one(played: PlayedAzure) -> None:
    assert shortage_of("Standard_DS3_v2", CLUSTER) == ""
    assert shortage_of("Standard_DS2_v2", ENDPOINT) == ""


def test_an_endpoint_reserves_a_fifth_more_machines(played: PlayedAzure) -> None:
    reason = shortage_of("Standard_DS3_v2", ENDPOINT)
    assert "Standard DSv2 Family Cluster Dedicated vCPUs: 8 wanted, 6 of 6 free" in reason
    assert "Standard_E4s_v3" in reason and PAGE in reason
    assert "8 wanted" in shortage_of("Standard_DS2_v2", ENDPOINT, machines=3)  # ceil(3.6) machines of 2 cores


@pytest.mark.parametrize(
    ("name", "cores"), [("Standard_NC24ads_A100_v4", 24), ("Standard_NC4as_T4_v3", 8), ("Standard_DS2_v2", 4)]
)
def test_large_gpus_are_exempt_from_the_reserve(played: PlayedAzure, name: str, cores: int) -> None:
    size = find_size(read_sizes(), name.upper())
    assert size and size.endpoint_cores(1) == cores


def test_a_gpu_starts_with_no_quota_and_nothing_fits_instead(played: PlayedAzure) -> None:
    reason = shortage_of("Standard_NC24ads_A100_v4", CLUSTER)
    assert "Standard NCADSA100v4 Family Cluster Dedicated vCPUs: 24 wanted, 0 of 0 free" in reason
    assert "would fit" not in reason


def test_another_gpu_that_fits_is_named(played: PlayedAzure) -> None:
    played.azure.vm_usages = [
        vm_usage("Total Cluster Dedicated Regional vCPUs", 0, 100),
        vm_usage("Standard NCADSA100v4 Family Cluster Dedicated vCPUs", 10, 24),
        vm_usage("Standard NCASv3_T4 Family Cluster Dedicated vCPUs", 0, 8),
    ]
    reason = shortage_of("Standard_NC24ads_A100_v4", CLUSTER)
    assert "24 wanted, 14 of 24 free; Standard_NC4as_T4_v3 would fit" in reason


def test_low_priority_has_one_quota_of_the_region(played: PlayedAzure) -> None:
    reason = shortage_of("Standard_DS3_v2", CLUSTER, low_priority=True)
    assert "Total Cluster LowPriority Regional vCPUs: 4 wanted, 0 of 0 free" in reason


def test_the_share_of_a_workspace_is_no_quota_of_the_subscription_and_minus_one_is_no_limit(
    played: PlayedAzure,
) -> None:
    family = "Standard DSv2 Family Cluster Dedicated vCPUs"
    played.azure.vm_usages = [vm_usage(family, 0, 1, inside="/workspaces/one"), vm_usage(family, 3, -1)]
    with Arm() as arm:
        (quota,) = list_quotas(arm, SUBSCRIPTION, REGION)
    assert quota.free == float("inf")
    assert shortage_of("Standard_DS3_v2", CLUSTER) == ""


@pytest.mark.parametrize(
    ("family", "quota"),
    [
        ("standardDSv2Family", "Standard DSv2 Family Cluster Dedicated vCPUs"),
        ("standardDSv2Family", "standardDSv2Family"),
        ("Standard NCASv3_T4 Family", "Standard NCASv3_T4 Family Cluster Dedicated vCPUs"),
        ("StandardNCADSA100v4Family", "Standard NCADSA100v4 Family Cluster Dedicated vCPUs"),
    ],
)
def test_family_and_quota_are_the_same_word(family: str, quota: str) -> None:
    assert plain_family(family) == plain_family(quota)


def test_a_family_is_not_one_that_begins_like_it(played: PlayedAzure) -> None:
    played.azure.vm_sizes = [vm_size("Standard_D2", "standardDFamily", 2, 7.0)]
    with Arm() as arm:
        (size,), quotas = list_sizes(arm, SUBSCRIPTION, REGION), list_quotas(arm, SUBSCRIPTION, REGION)
    (total,) = quotas_of(quotas, Demand(size, CLUSTER))
    assert total.name == "Total Cluster Dedicated Regional vCPUs"


def test_the_memory_of_gpus_is_known_by_the_name(played: PlayedAzure) -> None:
    memory = {each.name: each.gpu_gib for each in read_sizes()}
    assert (memory["Standard_NC4as_T4_v3"], memory["Standard_NC24ads_A100_v4"]) == (16, 80)
    assert memory["Standard_DS3_v2"] == 0
