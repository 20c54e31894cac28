"""What a run and a deployment take and bill: said before anything starts, and no price is invented."""

import pytest

from jobs.errors import JobError
from jobs.finetune.azure.quota import GIB, choose_size
from jobs.finetune.runner import Bill, Compute
from tests.azure_fakes.vm_offers import vm_usage
from tests.jobs.finetune.azure.played_learning import PlayedLearning


def training_bill(learning: PlayedLearning, **options: object) -> Bill:
    bill = learning.runner().training_bill(learning.order(), Compute(**options))  # type: ignore[arg-type]
    assert bill
    return bill


def test_a_run_says_cores_hours_price_and_their_product(learning: PlayedLearning) -> None:
    bill = training_bill(learning, minutes=90)
    assert bill.question == "Train on one Standard_DS3_v2 of the stack dev?"
    assert bill.lines[0] == "1 x Standard_DS3_v2: 4 cores of quota, 6 are free"
    assert bill.lines[1].startswith("90 minutes at most, at 0.29 USD an hour: 0.43 USD at most")
    assert bill.hourly_usd == 0.29


def test_a_price_that_is_not_known_is_said_to_be_unknown(learning: PlayedLearning) -> None:
    learning.prices.rows.clear()
    bill = training_bill(learning)
    assert bill.hourly_usd is None
    assert "the price of Standard_DS3_v2 in swedencentral is not known" in bill.lines[1] and "USD" not in bill.lines[1]


def test_too_few_cores_are_an_error_with_what_fits(learning: PlayedLearning) -> None:
    learning.azure.vm_usages[2] = vm_usage("Standard DSv2 Family Cluster Dedicated vCPUs", 4, 6)
    with pytest.raises(JobError) as error:
        training_bill(learning)
    sentence = str(error.value)
    assert "4 wanted, 2 of 6 free; Standard_E4s_v3 or Standard_DS2_v2 would fit" in sentence
    assert "https://ml.azure.com/quota" in sentence and sentence.endswith("Nothing was started.")
    assert not learning.sent("PUT", "")


def test_a_machine_that_is_still_awake_has_its_cores(learning: PlayedLearning) -> None:
    learning.azure.vm_usages[2] = vm_usage("Standard DSv2 Family Cluster Dedicated vCPUs", 4, 6)
    cluster = learning.azure.find(f"{learning.workspace.id}/computes/train")
    assert cluster
    cluster.body["properties"]["properties"]["currentNodeCount"] = 1
    assert training_bill(learning).lines[0] == "1 x Standard_DS3_v2, which is running already"


def test_another_size_is_a_setting_of_the_stack(learning: PlayedLearning) -> None:
    assert training_bill(learning, size="standard_ds3_v2")
    with pytest.raises(JobError, match="pulumi config set mlComputeSize Standard_NC4as_T4_v3 --stack dev"):
        training_bill(learning, size="Standard_NC4as_T4_v3")


def test_low_priority_has_its_own_quota_and_price(learning: PlayedLearning) -> None:
    cluster = learning.azure.find(f"{learning.workspace.id}/computes/train")
    assert cluster
    cluster.body["properties"]["properties"]["vmPriority"] = "LowPriority"
    with pytest.raises(JobError, match="Total Cluster LowPriority Regional vCPUs: 4 wanted, 0 of 0 free"):
        training_bill(learning)
    learning.azure.vm_usages[1] = vm_usage("Total Cluster LowPriority Regional vCPUs", 0, 10)
    assert training_bill(learning).hourly_usd is None


def test_a_deployment_bills_until_it_is_deleted(learning: PlayedLearning) -> None:
    learning.have_version(1)
    (version,) = learning.runner().versions()
    bill = learning.runner().deployment_bill(version, "Standard_DS2_v2", 1)
    assert bill and bill.lines[0] == "1 x Standard_DS2_v2: 4 cores of quota, 6 are free"
    assert bill.lines[1].startswith("It bills 0.15 USD an hour until `finetune teardown`")
    with pytest.raises(JobError, match="no Standard_D13_v2 for endpoints"):
        learning.runner().deployment_bill(version, "Standard_D13_v2", 1)


@pytest.mark.parametrize(
    ("size", "name"),
    [
        (1, "Standard_DS2_v2"),
        (GIB, "Standard_DS2_v2"),
        (8 * GIB, "Standard_NC4as_T4_v3"),
        (30 * GIB, "Standard_NC24ads_A100_v4"),
    ],
)
def test_the_size_of_an_endpoint_is_one_whose_memory_holds_the_model(
    learning: PlayedLearning, size: int, name: str
) -> None:
    assert choose_size(learning.workspace, size) == name


def test_a_model_that_no_size_holds_is_a_sentence(learning: PlayedLearning) -> None:
    with pytest.raises(JobError, match=r"no size for endpoints whose memory holds 200.0 GiB"):
        choose_size(learning.workspace, 200 * GIB)
