"""What has to be known of a stack when it is gone: its outputs go with it, so the names are written down before.

The record lies under `.local/teardown/` from before the first deletion until nothing is left.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from jobs import configuration, stack
from jobs.azure.account import signed_in_account, subscription_id
from jobs.configuration import Configuration
from jobs.state import state_folder, write_atomically


@dataclass(frozen=True, kw_only=True)
class Names:
    """Where a stack stands, and what it leaves in Azure's bin."""

    stack: str
    project: str
    subscription_id: str
    resource_group: str
    vault: str
    vault_location: str
    foundry: str
    foundry_location: str

    @property
    def group_id(self) -> str:
        return f"/subscriptions/{self.subscription_id}/resourceGroups/{self.resource_group}"

    @property
    def tags(self) -> dict[str, str]:
        """What infra/ writes on everything it makes."""
        return {"project": self.project, "stack": self.stack.rpartition("/")[2]}


def find(name: str) -> Names:
    """The names of a stack by its outputs; where these are gone by the record, or else as they are configured.

    Raises Failure when Pulumi cannot be asked, or nothing says in which subscription the stack stands.
    """
    try:
        outputs = stack.stack_outputs(name)
    except stack.NoOutputsError:
        return read(name) or named(name, {})
    return named(name, outputs)


def named(name: str, outputs: Mapping[str, Any]) -> Names:
    """The outputs, and what is configured for those that are missing: `pulumi up` may have broken off."""
    chosen = configuration.read_configuration(name)
    return Names(
        stack=name,
        project=str(configuration.read_yaml("Pulumi.yaml")["name"]),
        subscription_id=str(outputs.get("subscription_id") or configured_subscription(chosen)),
        resource_group=str(outputs.get("resource_group") or chosen.resource_group),
        vault=str(outputs.get("vault_name") or chosen.vault),
        vault_location=str(outputs.get("vault_location") or chosen.location),
        foundry=str(outputs.get("foundry_account") or chosen.foundry),
        foundry_location=str(outputs.get("foundry_location") or chosen.ai_location),
    )


def configured_subscription(chosen: Configuration) -> str:
    return subscription_id(chosen, signed_in_account())


def file(name: str) -> Path:
    return state_folder() / "teardown" / f"{name.replace('/', '.')}.json"


def read(name: str) -> Names | None:
    """The record of a teardown that broke off, None where there is none; one that cannot be read is none."""
    try:
        return Names(**json.loads(file(name).read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def write(names: Names) -> None:
    file(names.stack).parent.mkdir(exist_ok=True)
    write_atomically(file(names.stack), json.dumps(asdict(names), indent=2))


def drop(names: Names) -> None:
    file(names.stack).unlink(missing_ok=True)
