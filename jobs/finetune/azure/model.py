"""The registered models of a workspace: made from a run's output, in MLflow's form, and never changed.

MLflow's own log_model asks for what Azure ML does not have, so train.py saves a folder, and this registers it:
https://learn.microsoft.com/azure/machine-learning/how-to-manage-models
"""

import json

from jobs.azure.arm import Json
from jobs.errors import ErrorKind, JobError
from jobs.finetune.azure.attempt import find_attempt
from jobs.finetune.azure.workspace import RUNS, Workspace, quiet, refusals, value_of
from jobs.finetune.registry import METRICS
from jobs.finetune.results import ModelVersion, TrainResult
from jobs.finetune.runner import Question
from jobs.state import exclusive_lock

TAG, QUESTIONS, WEIGHTS = "finetune", "questions.jsonl", ".safetensors"
NO_QUESTIONS = "The run {run} has no held-out questions beside its model: register another run of `train`."


def register_run(workspace: Workspace, run: TrainResult, name: str) -> ModelVersion:
    """Register a run's model as the next version of a name; the same run is the same version. Raises JobError."""
    with exclusive_lock("finetune-models.lock", "Another command registers a model"):
        versions = [each for each in list_versions(workspace) if each.name == name]
        if known := next((each for each in versions if each.run == run.run), None):
            return known
        job, number = find_attempt(workspace, run.run).name, max((each.version for each in versions), default=0) + 1
        with refusals(workspace, f"to register the model {name}"), quiet():
            from azure.ai.ml.entities import Model

            metrics = {key: value for key in METRICS if (value := getattr(run, key)) is not None}
            tags = {TAG: run.run, "base": run.base_sha256, "data": run.data_sha256, "metrics": json.dumps(metrics)}
            path = f"azureml://jobs/{job}/outputs/run/paths/model/"
            asset = Model(name=name, version=str(number), path=path, type="mlflow_model", tags=tags)
            workspace.client.models.create_or_update(asset)
    return next(each for each in list_versions(workspace) if (each.name, each.version) == (name, number))


def list_versions(workspace: Workspace) -> list[ModelVersion]:
    """Every model that `register` made, by name and number. Raises JobError."""
    with refusals(workspace, "the models of the workspace"):
        names = [str(each.get("name")) for each in workspace.pages("/models")]
        found = [(name, each) for name in names for each in workspace.pages(f"/models/{name}/versions")]
    versions = [parse_version(name, each) for name, each in found if value_of(each, "properties", "tags", TAG)]
    return sorted(versions, key=lambda each: (each.name, each.version))


def parse_version(name: str, answer: Json) -> ModelVersion:
    tags = value_of(answer, "properties", "tags") or {}
    number = str(answer.get("name"))
    return ModelVersion(
        name=name,
        version=int(number) if number.isdecimal() else 0,
        run=str(tags[TAG]),
        base_sha256=str(tags.get("base", "")),
        data_sha256=str(tags.get("data", "")),
        metrics=json.loads(tags.get("metrics") or "{}"),
        path=f"azureml:{name}:{number}",
    )


def read_questions(workspace: Workspace, version: ModelVersion, count: int) -> list[Question]:
    """The held-out questions of a version, from its run's output. Raises JobError."""
    with refusals(workspace, f"the questions of {version.summary()}"):
        content = workspace.read_blob(f"{RUNS}/{version.run}/model/{QUESTIONS}")
    rows = [json.loads(line) for line in (content or b"").decode("utf-8").split("\n") if line.strip()]
    if not rows:
        raise JobError(NO_QUESTIONS.format(run=version.run), ErrorKind.invalid)
    return [Question(messages=each["messages"], expected=each["expected"]) for each in rows[:count]]


def model_bytes(workspace: Workspace, version: ModelVersion) -> int:
    """The size of a version's weights. Raises JobError."""
    with refusals(workspace, f"the files of {version.summary()}"):
        blobs = workspace.list_blobs(f"{RUNS}/{version.run}/model/")
    return sum(size for name, size in blobs.items() if name.endswith(WEIGHTS))


def delete_versions(workspace: Workspace) -> list[str]:
    """Delete every version that `register` made. Returns their names. Raises JobError."""
    versions = list_versions(workspace)
    with refusals(workspace, "to delete the models"):
        for each in versions:
            workspace.delete(f"/models/{each.name}/versions/{each.version}")
    return [f"the model {each.name}, version {each.version}" for each in versions]
