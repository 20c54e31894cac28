"""status and teardown: what there is, what bills, what is deleted and what stays."""

import pytest

from jobs.finetune.runner import Compute
from jobs.finetune.serving.deployment import DeployOrder, deploy
from tests.azure_fakes.ml_storage import RUNS
from tests.azure_fakes.online_endpoints import expected
from tests.jobs.finetune.azure.played_learning import ANSWERS, PlayedLearning


@pytest.fixture
def deployed(learning: PlayedLearning) -> PlayedLearning:
    """The stack with data, a run, a version, an endpoint and a connection."""
    learning.have_version(1)
    learning.played.learning.steps["tiny-2"] = ["Queued"] * 99
    learning.runner().train(learning.order("tiny-2"), Compute(wait=False))
    learning.played.endpoints.answers["blue"] = expected(ANSWERS)
    deploy(learning.runner(), DeployOrder(version=1, confirm=lambda bill: None))
    learning.runner().connect("phi", rotate=False)
    return learning


def test_an_empty_workspace_bills_nothing(learning: PlayedLearning) -> None:
    status = learning.runner().status()
    assert (status.runs, status.versions, status.endpoint, status.bills_per_hour) == ([], [], None, 0)


def test_status_shows_what_bills_now(deployed: PlayedLearning) -> None:
    status = deployed.runner().status()
    assert [(each["run"], each["state"]) for each in status.runs] == [("tiny-1", "done"), ("tiny-2", "queued")]
    assert status.endpoint and status.endpoint.traffic == {"blue": 100}
    assert status.bills_per_hour == 0.15
    job = deployed.azure.find(f"{deployed.workspace.id}/jobs/tiny-2")
    assert job
    job.assigned["properties"]["status"] = "Running"
    assert deployed.runner().status().bills_per_hour == 0.44
    deployed.prices.rows.clear()
    (deployed.folder / "local" / "prices.json").unlink()
    assert deployed.runner().status().bills_per_hour is None


def test_what_bills_is_deleted_and_the_rest_is_named(deployed: PlayedLearning) -> None:
    result = deployed.runner().teardown(models=False, data=False)
    assert result.deleted == ["the endpoint and its deployments", "the connection phi"]
    assert result.kept == ["the registered models", "the runs", "the uploaded data"]
    assert (result.left, result.bills_per_hour) == ([], 0)
    again = deployed.runner().teardown(models=False, data=False)
    assert again.deleted == [] and again.left == []


def test_models_and_data_go_where_they_are_named(deployed: PlayedLearning) -> None:
    result = deployed.runner().teardown(models=True, data=True)
    assert "the model faces-chat, version 1" in result.deleted and "2 data assets" in result.deleted
    assert result.kept == []
    left = [name for container, name in deployed.account.blobs if container == RUNS]
    assert left == []
    assert deployed.runner().versions() == []


def test_a_run_whose_files_were_deleted_is_trained_again(learning: PlayedLearning) -> None:
    learning.have_version(1)
    learning.runner().teardown(models=True, data=False)
    assert learning.runner().read_run("tiny-1").state == "stopped"
    assert learning.runner().training_bill(learning.order(), Compute())
    learning.played.learning.steps["tiny-1-try2"] = ["Queued", "Running", learning.finish("tiny-1")]
    assert not learning.runner().train(learning.order(), Compute()).reused


def test_a_connection_of_somebody_else_stays(deployed: PlayedLearning) -> None:
    path = f"{deployed.workspace.id.rpartition('/providers/')[0]}/providers/Microsoft.CognitiveServices"
    other = f"{path}/accounts/ai-fer/projects/analisis_fer/connections/lake"
    deployed.azure.put(other, {"properties": {"category": "ADLSGen2", "authType": "AAD", "target": "https://x"}})
    deployed.runner().teardown(models=True, data=True)
    assert deployed.azure.find(other)
