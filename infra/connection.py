"""What the Foundry project reads from elsewhere, with its own identity and without keys."""

from dataclasses import dataclass

import pulumi


@dataclass(frozen=True)
class Connection:
    """A connection of the project; `target` is the address that it speaks to."""

    name: str
    category: str
    target: pulumi.Input[str]
    resource_id: pulumi.Input[str]
