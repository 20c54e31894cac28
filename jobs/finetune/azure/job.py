"""Start a run on Azure: a command job on the stack's cluster, with the same train.py as on the laptop.

https://learn.microsoft.com/azure/machine-learning/how-to-train-model
"""

import json
import shlex
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from jobs.errors import ErrorKind, JobError
from jobs.finetune.azure.assets import BASE, carried_copy, send_data, send_environment, send_folder
from jobs.finetune.azure.attempt import Attempt, attempt_name, find_attempt, folder_of
from jobs.finetune.azure.workspace import Workspace, quiet, refusals
from jobs.finetune.order import Order, check_unchanged, train_arguments

if TYPE_CHECKING:
    from azure.ai.ml.entities import Command

EXPERIMENT = "finetune"  # without one Azure gets the name of the folder that you stand in
# How the folders of a model of the catalogue lie is its publisher's choice.
CATALOGUE_FOLDER = '"$(dirname "$(find ${{inputs.base}} -name config.json -print -quit)")"'


def check_same_order(order: Order, attempts: list[Attempt]) -> None:
    """Raise JobError for a run of that name with another base, data or settings: a run is never changed."""
    for attempt in attempts:
        check_unchanged(order.run, attempt.tags, order_tags(order))


def order_tags(order: Order) -> dict[str, str]:
    """What a job says of its run."""
    settings = json.dumps(asdict(order.settings), sort_keys=True)
    hashes = {"base": order.base.sha256, "data": order.data.sha256, "settings": settings}
    return {"finetune": order.run, "model": order.base.name, **hashes}


def submit(workspace: Workspace, order: Order, attempt: int, minutes: int) -> Attempt:
    """Start a job of the run. Raises JobError."""
    from azure.ai.ml.entities import CommandJobLimits

    inputs, model = build_inputs(workspace, order)
    with refusals(workspace, f"to start the run {order.run}"), carried_copy() as code:
        work = {"inputs": inputs, "command": build_command(order, model), "code": str(code)}
        job = build_job(workspace, order, work | {"environment": send_environment(workspace, code)})
        job.name, job.limits = attempt_name(order.run, attempt), CommandJobLimits(timeout=minutes * 60)
        with quiet():
            workspace.client.jobs.create_or_update(job)
    return find_attempt(workspace, order.run)


def build_job(workspace: Workspace, order: Order, work: dict[str, Any]) -> "Command":
    """The job: `work` is what it runs, with where it runs, as whom, and where its output stays."""
    from azure.ai.ml import Output, command
    from azure.ai.ml.entities import ManagedIdentityConfiguration

    return command(
        **work,
        display_name=order.run,
        experiment_name=EXPERIMENT,
        compute=workspace.target.ml_compute,
        outputs={"run": Output(type="uri_folder", path=f"{folder_of(order.run)}/", mode="rw_mount")},
        identity=ManagedIdentityConfiguration(client_id=workspace.target.ml_identity_client_id),
        tags=order_tags(order),
    )


def build_inputs(workspace: Workspace, order: Order) -> tuple[dict[str, Any], str]:
    """The inputs of a job, and the word for its model. A model of the hub is not an input: the job downloads it."""
    from azure.ai.ml import Input

    inputs = {"data": Input(type="uri_folder", path=send_data(workspace, order.data), mode="download")}
    if order.base.is_catalogue:
        _, name, version = order.base.name.split(":", 2)
        path = f"azureml://registries/azureml/models/{name}/versions/{version}"
        return inputs | {"base": Input(type="custom_model", path=path, mode="download")}, CATALOGUE_FOLDER
    if order.base.folder is None:
        return inputs, quote(order.base.name)
    asset = send_folder(workspace, BASE, order.base.sha256, order.base.folder)
    return inputs | {"base": Input(type="uri_folder", path=asset, mode="download")}, "${{inputs.base}}"


def build_command(order: Order, model: str) -> str:
    """The line that the node's shell runs: every word of a person's is quoted."""
    files = "--train ${{inputs.data}}/train.jsonl --test ${{inputs.data}}/test.jsonl"
    words = " ".join(quote(each) for each in train_arguments(order, []))
    return f"python train.py {files} --model {model} --output ${{{{outputs.run}}}} {words}"


def quote(word: str) -> str:
    """A word for the shell. Raises JobError for Azure's own placeholder, which it fills even in quotation marks."""
    if "${{" in word:
        raise JobError(f"{word!r:.80} has ${{{{ in it, which Azure would fill: rename it.", ErrorKind.invalid)
    return shlex.quote(word)
