"""Choose the runner of `--target`."""

from pathlib import Path

from jobs.errors import ErrorKind, JobError
from jobs.finetune.runner import Runner

OFF = (
    "The stack {stack} has no machine learning: `pulumi config set machineLearning true --stack {stack}`, then "
    "`pulumi up --stack {stack}`; or leave --target out to fine-tune on this laptop."
)


def open_runner(target_name: str, outputs: Path | None = None) -> Runner:
    """The runner of a target, or of its outputs. Raises JobError for a stack without machine learning."""
    from jobs.finetune.local import LocalRunner
    from jobs.target import load_target

    if outputs is None and target_name == "local":  # without the databases, which this does not need
        return LocalRunner()
    target = load_target(target_name, outputs)
    if target.finetune_runner == "local":
        return LocalRunner()
    if target.finetune_runner == "azure_ml":
        from jobs.finetune.azure.runner import AzureRunner

        return AzureRunner(target, "STACK" if target_name == "local" else target_name)  # with --outputs nobody says it
    raise JobError(OFF.format(stack=target_name), ErrorKind.not_found)
