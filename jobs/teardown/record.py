"""The names that `teardown` needs when the stack's outputs are gone, written down before the first deletion.

The record stays in `.local/teardown/` until nothing of the stack is left.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jobs import configuration, stack
from jobs.azure.account import signed_in_account, subscription_id
from jobs.configuration import Configuration
from jobs.stack_record import StackRecord


@dataclass(frozen=True, kw_only=True)
class StackNames:
    """The resource group of a stack, and the names of what Azure soft-deletes."""

    stack: str
    project: str
    subscription_id: str
    resource_group: str
    vault: str
    vault_location: str
    foundry: str
    foundry_location: str
    ml_workspace: str = ""  # none

    @property
    def group_id(self) -> str:
        return f"/subscriptions/{self.subscription_id}/resourceGroups/{self.resource_group}"

    @property
    def tags(self) -> dict[str, str]:
        """The tags that infra/ sets on every resource."""
        return {"project": self.project, "stack": self.stack.rpartition("/")[2]}


RECORDS = StackRecord("teardown", StackNames)


def find_names(name: str) -> StackNames:
    """The names of a stack from its outputs; without outputs from the record, or else from the configuration.

    Raises JobError when Pulumi does not answer, or nothing says which subscription the stack is in.
    """
    try:
        outputs = stack.stack_outputs(name)
    except stack.NoOutputsError:
        return RECORDS.read(name) or build_names(name, {})
    return build_names(name, outputs)


def build_names(name: str, outputs: Mapping[str, Any]) -> StackNames:
    """The outputs, and what is configured for those that are missing: `pulumi up` may have been interrupted."""
    config = configuration.read_configuration(name)
    return StackNames(
        stack=name,
        project=str(configuration.read_yaml("Pulumi.yaml")["name"]),
        subscription_id=str(outputs.get("subscription_id") or configured_subscription(config)),
        resource_group=str(outputs.get("resource_group") or config.resource_group),
        vault=str(outputs.get("vault_name") or config.vault),
        vault_location=str(outputs.get("vault_location") or config.location),
        foundry=str(outputs.get("foundry_account") or config.foundry),
        foundry_location=str(outputs.get("foundry_location") or config.ai_location),
        ml_workspace=str(outputs.get("ml_workspace") or (config.ml_workspace if config.machine_learning else "")),
    )


def configured_subscription(config: Configuration) -> str:
    return subscription_id(config, signed_in_account())
