"""A run on Azure: what is uploaded, what the job is sent as, its states, and the same command again."""

import json
from dataclasses import replace
from typing import Any

import pytest

from jobs.errors import JobError
from jobs.finetune.azure.job import build_command
from jobs.finetune.order import Base
from jobs.finetune.runner import Compute
from tests.azure_fakes.ml_storage import CODE, RUNS
from tests.jobs.finetune.azure.played_learning import IDENTITY, PlayedLearning


def job_body(learning: PlayedLearning, name: str = "tiny-1") -> dict[str, Any]:
    """What was sent for a job."""
    (body,) = learning.cloud.bodies("PUT", f"/jobs/{name}")
    return dict(body["properties"])


def test_a_run_is_trained_to_its_end(learning: PlayedLearning, capsys: pytest.CaptureFixture[str]) -> None:
    runner = learning.train()
    result = runner.read_run("tiny-1")
    assert (result.state, result.exact_after, result.loss_after, result.reused) == ("done", 0.95, 0.2, False)
    assert result.folder == "azureml://datastores/workspaceblobstore/paths/finetune/tiny-1"
    assert runner.prove("tiny-1") == 0.2
    assert capsys.readouterr().out == "", "stdout is for the one object of --json"


def test_the_job_runs_train_py_on_the_cluster_as_the_identity_and_ends_in_time(learning: PlayedLearning) -> None:
    learning.train()
    sent = job_body(learning)
    assert sent["computeId"].endswith("/workspaces/mlw-fer/computes/train")
    assert sent["identity"] == {"identityType": "Managed", "clientId": learning.target.ml_identity_client_id}
    assert sent["limits"] == {"jobLimitsType": "Command", "timeout": "PT1H"}
    assert (sent["experimentName"], sent["displayName"]) == ("finetune", "tiny-1")
    run = sent["outputs"]["run"]
    assert run["uri"] == "azureml://datastores/workspaceblobstore/paths/finetune/tiny-1/"
    assert run["mode"] == "ReadWriteMount"
    command = sent["command"]
    assert command.startswith("python train.py --train ${{inputs.data}}/train.jsonl --test ${{inputs.data}}/test.jsonl")
    assert "--model ${{inputs.base}} --output ${{outputs.run}}" in command
    assert "--learning-rate 0.005" in command and "--run tiny-1" in command
    assert sent["environmentId"].rpartition("/versions/")[0].endswith("/environments/finetune")
    assert {each["mode"] for each in sent["inputs"].values()} == {"Download"}
    assert IDENTITY not in json.dumps(sent)


def test_only_the_data_and_the_code_travel(learning: PlayedLearning) -> None:
    learning.train()
    files = {name.rpartition("/")[2] for container, name in learning.account.blobs if container in (RUNS, CODE)}
    assert {"train.jsonl", "test.jsonl", "model.safetensors", "train.py", "score.py", "environment.yml"} <= files
    assert not [each for each in files if each.endswith((".pyc", "private.txt"))]


def test_nothing_is_uploaded_twice(learning: PlayedLearning) -> None:
    learning.train()
    before = list(learning.account.uploads)
    learning.train("tiny-2")
    assert learning.account.uploads == before
    assert len(learning.sent("PUT", "/data/")) == 2 and len(learning.sent("PUT", "/environments/")) == 1
    assert learning.sent("PUT", "/data/")[0] == f"data/finetune-data/versions/{'d' * 32}"


def test_a_run_that_is_done_is_not_started_again(learning: PlayedLearning) -> None:
    runner = learning.train()
    assert runner.training_bill(learning.order(), Compute()) is None
    assert runner.train(learning.order(), Compute()).reused
    assert learning.sent("PUT", "/jobs/") == ["jobs/tiny-1"]


@pytest.mark.parametrize("end", ["Failed", "Canceled"])
def test_the_same_command_goes_on_in_the_same_folder_after_a_job_that_ended(learning: PlayedLearning, end: str) -> None:
    learning.played.learning.steps["tiny-1"] = ["Queued", "Running", end]
    try:
        assert learning.runner().train(learning.order(), Compute()).state == "cancelled"
    except JobError as error:
        assert "goes on from its last checkpoint" in str(error) and end == "Failed"
    learning.played.learning.steps["tiny-1-try2"] = ["Queued", "Running", learning.finish("tiny-1", resumed_from=100)]
    result = learning.runner().train(learning.order(), Compute())
    assert (result.state, result.resumed_from) == ("done", 100)
    outputs = [job_body(learning, name)["outputs"]["run"]["uri"] for name in ("tiny-1", "tiny-1-try2")]
    assert outputs[0] == outputs[1]


def test_other_settings_are_another_run(learning: PlayedLearning) -> None:
    learning.train()
    for changed in (learning.order(seed=7), replace(learning.order(), base=Base(name="x", sha256="c" * 64))):
        with pytest.raises(JobError, match=r"with other (settings|base), and a run is never changed"):
            learning.runner().training_bill(changed, Compute())
        with pytest.raises(JobError, match="never changed"):
            learning.runner().train(changed, Compute())


def test_a_second_train_of_a_run_at_work_follows_it_and_starts_nothing(learning: PlayedLearning) -> None:
    learning.played.learning.steps["tiny-1"] = ["Queued"] * 3 + ["Running", learning.finish("tiny-1")]
    first = learning.runner().train(learning.order(), Compute(wait=False))
    assert first.state == "queued" and first.exact_after is None
    second = learning.runner()
    assert second.training_bill(learning.order(), Compute()) is None
    assert second.train(learning.order(), Compute()).state == "done"
    assert learning.sent("PUT", "/jobs/") == ["jobs/tiny-1"]


def test_a_model_of_the_catalogue_is_an_input_that_nobody_downloads_here(learning: PlayedLearning) -> None:
    base = Base(name="catalogue:Phi-4-mini-instruct:1", sha256="c" * 64, revision="1", is_catalogue=True)
    learning.runner().train(replace(learning.order(), base=base), Compute(wait=False))
    given = job_body(learning)["inputs"]["base"]
    assert given["uri"] == "azureml://registries/azureml/models/Phi-4-mini-instruct/versions/1"
    assert (given["jobInputType"], given["mode"]) == ("custom_model", "Download")
    assert "find ${{inputs.base}} -name config.json" in job_body(learning)["command"]


def test_a_model_of_the_hub_is_named_and_held_to_its_commit(learning: PlayedLearning) -> None:
    base = Base(name="microsoft/Phi-4-mini-instruct", sha256="c" * 64, revision="f00d")
    learning.runner().train(replace(learning.order(), base=base), Compute(wait=False))
    assert set(job_body(learning)["inputs"]) == {"data"}
    command = job_body(learning)["command"]
    assert "--model microsoft/Phi-4-mini-instruct" in command and "--revision f00d" in command


def test_what_a_person_writes_is_quoted_for_the_shell(learning: PlayedLearning) -> None:
    base = Base(name="a; rm -rf $HOME 'x", sha256="c" * 64, folder=learning.folder)
    order = replace(learning.order(), base=base)
    command = build_command(order, "${{inputs.base}}")
    assert "--model-name 'a; rm -rf $HOME '\"'\"'x'" in command
    with pytest.raises(JobError, match="rename it"):
        build_command(replace(order, base=replace(base, name="${{inputs.data}}")), "m")


def test_a_refused_upload_of_code_names_the_account_and_the_way_on(learning: PlayedLearning) -> None:
    learning.played.learning.without_keys = True
    with pytest.raises(JobError) as error:
        learning.runner().train(learning.order(), Compute())
    assert "az storage account update --name stferml --allow-shared-key-access true" in str(error.value)
    learning.played.learning.without_keys = False
    assert learning.train().read_run("tiny-1").state == "done"


def test_a_run_that_does_not_exist_names_the_command_that_lists_them(learning: PlayedLearning) -> None:
    with pytest.raises(JobError, match="has no run nothing-here: `python -m jobs finetune status --target dev`"):
        learning.runner().read_run("nothing-here")
    with pytest.raises(JobError, match="cannot be the name of a run"):
        learning.runner().read_run("../../keys")
