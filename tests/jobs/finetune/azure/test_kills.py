"""Killed after every request that changes something, the same command goes on, and ends as an undisturbed one."""

from typing import Any

import pytest

from jobs.finetune.registry import register
from jobs.finetune.runner import Compute
from jobs.finetune.serving.deployment import DeployOrder, deploy
from jobs.finetune.serving.traffic import change_traffic
from tests.azure_fakes.online_endpoints import expected
from tests.jobs.finetune.azure.killer import run_through_kills
from tests.jobs.finetune.azure.played_learning import ANSWERS, PlayedLearning


def run_deploy(learning: PlayedLearning, version: int) -> Any:
    return deploy(learning.runner(), DeployOrder(version=version, confirm=lambda bill: None))


def test_train_and_register(learning: PlayedLearning) -> None:
    learning.played.learning.steps["tiny-1"] = ["Queued"] * 3 + ["Running", learning.finish("tiny-1")]
    kills = run_through_kills(lambda: learning.runner().train(learning.order(), Compute()))
    assert kills == 5, "two assets of data, the environment, the code and the job"
    assert learning.runner().read_run("tiny-1").state == "done"
    assert learning.sent("PUT", "/jobs/") == ["jobs/tiny-1"]
    assert run_through_kills(lambda: register(learning.runner(), "tiny-1", "faces-chat", anyway=False)) == 1
    assert [each.version for each in learning.runner().versions()] == [1]


@pytest.mark.exhaustive
def test_deploy_and_traffic_never_without_a_hundred_per_cent(learning: PlayedLearning) -> None:
    for number in (1, 2):
        learning.have_version(number)
    for colour in ("blue", "green"):
        learning.played.endpoints.answers[colour] = expected(ANSWERS)
    assert run_through_kills(lambda: run_deploy(learning, 1)) >= 4
    assert shares(learning) == {"blue": 100}

    def check_sum() -> None:
        assert sum(shares(learning).values()) == 100

    assert run_through_kills(lambda: run_deploy(learning, 2), check_sum) >= 3
    assert shares(learning) == {"blue": 0, "green": 100}
    kills = run_through_kills(lambda: change_traffic(learning.runner(), {}, drop_old=True), check_sum)
    assert kills == 1 and shares(learning) == {"green": 100}
    assert len(learning.cloud.bodies("PUT", "/deployments/green")) == 1, "a deployment is made once"


def test_connect_writes_the_key_that_counts(learning: PlayedLearning) -> None:
    learning.have_version(1)
    learning.played.endpoints.answers["blue"] = expected(ANSWERS)
    run_deploy(learning, 1)
    learning.runner().connect("phi", rotate=False)
    run_through_kills(lambda: learning.runner().connect("phi", rotate=True) if not is_current(learning) else None)
    assert is_current(learning)


def test_teardown_leaves_nothing_that_bills(learning: PlayedLearning) -> None:
    learning.have_version(1)
    learning.played.endpoints.answers["blue"] = expected(ANSWERS)
    run_deploy(learning, 1)
    learning.runner().connect("phi", rotate=False)
    assert run_through_kills(lambda: learning.runner().teardown(models=True, data=True)) >= 3
    result = learning.runner().teardown(models=True, data=True)
    assert (result.deleted, result.left, result.bills_per_hour) == ([], [], 0)


def shares(learning: PlayedLearning) -> dict[str, int]:
    endpoint = learning.runner().read_endpoint()
    assert endpoint
    return dict(endpoint.traffic)


def is_current(learning: PlayedLearning) -> bool:
    """Whether the connection has the endpoint's newest key, and that is not its first one."""
    keys = learning.played.endpoints.keys_of(learning.endpoint)
    return learning.runner().read_connection("phi").key == keys[0] != "marker-key-1-of-the-endpoint"
