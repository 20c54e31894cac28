"""Registered models of a workspace: from a run's output, once, and with what they were made of."""

import json

import pytest

from jobs.errors import JobError
from jobs.finetune.registry import register
from tests.azure_fakes.ml_storage import RUNS
from tests.jobs.finetune.azure.played_learning import PlayedLearning


def test_a_run_is_registered_from_its_jobs_output_in_mlflows_form(learning: PlayedLearning) -> None:
    version = register(learning.train(), "tiny-1", "faces-chat", anyway=False)
    assert (version.name, version.version, version.run) == ("faces-chat", 1, "tiny-1")
    assert version.metrics == {"loss_before": 0.3, "loss_after": 0.2, "exact_before": 0.1, "exact_after": 0.95}
    (body,) = learning.cloud.bodies("PUT", "/models/faces-chat/versions/1")
    assert body["properties"]["modelUri"] == "azureml://jobs/tiny-1/outputs/run/paths/model/"
    assert body["properties"]["modelType"] == "mlflow_model"
    assert body["properties"]["tags"]["base"] == "b" * 64 and body["properties"]["tags"]["data"] == "d" * 64


def test_the_same_run_is_the_same_version_and_another_run_the_next(learning: PlayedLearning) -> None:
    runner = learning.train()
    first = register(runner, "tiny-1", "faces-chat", anyway=False)
    assert register(learning.runner(), "tiny-1", "faces-chat", anyway=False) == first
    learning.train("tiny-2")
    assert register(learning.runner(), "tiny-2", "faces-chat", anyway=False).version == 2
    assert register(learning.runner(), "tiny-2", "other", anyway=False).version == 1
    assert [(each.name, each.version) for each in runner.versions()] == [
        ("faces-chat", 1),
        ("faces-chat", 2),
        ("other", 1),
    ]


def test_the_output_of_the_attempt_that_ended_counts(learning: PlayedLearning) -> None:
    learning.played.learning.steps["tiny-1"] = ["Queued", "Queued", "Canceled"]
    learning.runner().train(learning.order(), learning.compute())
    learning.played.learning.steps["tiny-1-try2"] = ["Queued", "Running", learning.finish("tiny-1")]
    learning.runner().train(learning.order(), learning.compute())
    register(learning.runner(), "tiny-1", "faces-chat", anyway=False)
    (body,) = learning.cloud.bodies("PUT", "/models/faces-chat/versions/1")
    assert body["properties"]["modelUri"] == "azureml://jobs/tiny-1-try2/outputs/run/paths/model/"


@pytest.mark.parametrize(
    ("figures", "reason"),
    [
        ({"loss_after": 0.31, "loss_saved": 0.31}, "did not learn"),
        ({"loss_saved": 0.29}, "its files are not what was trained"),
        ({"loss_saved": None}, "has no proof of its saved model"),
    ],
)
def test_what_did_not_learn_or_was_lost_in_the_saving_is_refused(
    learning: PlayedLearning, figures: dict[str, float], reason: str
) -> None:
    runner = learning.train(**figures)
    with pytest.raises(JobError, match=reason):
        register(runner, "tiny-1", "faces-chat", anyway=False)
    assert runner.versions() == []


def test_an_unfinished_run_is_refused(learning: PlayedLearning) -> None:
    learning.played.learning.steps["tiny-1"] = ["Queued"] * 9
    runner = learning.runner()
    runner.train(learning.order(), learning.compute(wait=False))
    with pytest.raises(JobError, match="is queued, and not done"):
        register(runner, "tiny-1", "faces-chat", anyway=False)


def test_the_held_out_questions_are_those_of_the_run(learning: PlayedLearning) -> None:
    runner = learning.train()
    version = register(runner, "tiny-1", "faces-chat", anyway=False)
    questions = runner.questions(version, 3)
    assert [each.expected for each in questions] == ["answer 0", "answer 1", "answer 2"]
    del learning.account.blobs[RUNS, "finetune/tiny-1/model/questions.jsonl"]
    with pytest.raises(JobError, match="no held-out questions"):
        runner.questions(version, 3)


def test_models_of_others_are_left_out(learning: PlayedLearning) -> None:
    runner = learning.train()
    properties = {"properties": {"modelUri": "azureml://x", "modelType": "custom_model"}}
    for part in ("models/of-bob", "models/of-bob/versions/1"):
        learning.azure.put(f"{learning.workspace.id}/{part}", json.loads(json.dumps(properties)))
    assert runner.versions() == []
