"""doctor: the cluster of a stack with machine learning, its names and its providers."""

import pytest

from tests.azure_fakes.vm_offers import vm_size, vm_usage
from tests.jobs.student import DoctorCli


def test_without_machine_learning_azure_is_not_asked(student: DoctorCli) -> None:
    _, checks = student.doctor()
    assert "cluster" not in checks
    assert not student.asked("/vmSizes")


def test_the_default_size_fits_a_students_quota(student: DoctorCli) -> None:
    student.configure(machineLearning=True, mlLocation="francecentral")
    status, checks = student.doctor()
    assert status == 0, checks
    assert checks["cluster"]["message"] == "francecentral has Standard_DS3_v2, and your quota its 4 cores"
    assert checks["providers"]["message"] == "all 10 registered"
    assert checks["names"]["message"].startswith("7 available")
    assert checks["regions"]["message"].startswith("swedencentral, francecentral;")
    (question,) = student.asked("/Microsoft.ContainerRegistry/checkNameAvailability")
    assert question == {"name": "crferana", "type": "Microsoft.ContainerRegistry/registries"}


def test_too_little_quota_is_a_warning_with_what_fits(student: DoctorCli) -> None:
    student.configure(machineLearning=True)
    student.azure.vm_usages[2] = vm_usage("Standard DSv2 Family Cluster Dedicated vCPUs", 4, 6)
    status, checks = student.doctor()
    assert status == 0 and checks["cluster"]["status"] == "warning"
    assert "4 wanted, 2 of 6 free; Standard_E4s_v3 or Standard_DS2_v2 would fit" in checks["cluster"]["message"]
    assert "https://ml.azure.com/quota" in checks["cluster"]["message"]
    assert checks["cluster"]["fix"] == "pulumi config set mlComputeSize Standard_E4s_v3 --stack ana"


@pytest.mark.parametrize(
    ("settings", "message", "fix"),
    [
        (
            {"mlComputeSize": "Standard_NC96ads_A100_v4"},
            "swedencentral has no Standard_NC96ads_A100_v4 for clusters",
            "pulumi config set mlLocation ANOTHER_REGION --stack ana",
        ),
        (
            {"mlComputeSize": "Standard_M8", "mlPriority": "LowPriority"},
            "only as Dedicated",
            "pulumi config set mlPriority Dedicated --stack ana",
        ),
        (
            {"mlComputeSize": "Standard_OnlyServing"},
            "for clusters",
            "pulumi config set mlLocation ANOTHER_REGION --stack ana",
        ),
    ],
)
def test_a_size_that_the_region_lacks_is_a_problem(
    student: DoctorCli, settings: dict[str, str], message: str, fix: str
) -> None:
    student.configure(machineLearning=True, **settings)
    student.azure.vm_sizes += [
        vm_size("Standard_M8", "standardMFamily", 8, 200.0, lowPriorityCapable=False),
        vm_size("Standard_OnlyServing", "x", 8, 200.0, supportedComputeTypes=["MIR"]),
    ]
    status, checks = student.doctor()
    assert status == 1
    assert message in checks["cluster"]["message"] and checks["cluster"]["fix"] == fix


def test_a_taken_name_and_a_missing_provider_are_problems(student: DoctorCli) -> None:
    student.configure(machineLearning=True)
    student.azure.unavailable |= {"stfermlana", "crferana"}
    status, checks = student.doctor()
    assert status == 1 and "stfermlana (AlreadyExists); crferana (AlreadyExists)" in checks["names"]["message"]
    student.azure.providers["Microsoft.MachineLearningServices"] = "NotRegistered"
    status, checks = student.doctor()
    assert "not registered: Microsoft.MachineLearningServices" in checks["providers"]["message"]
    assert "cluster" in checks["later"]["message"]
