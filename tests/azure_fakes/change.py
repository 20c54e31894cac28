"""A request that changes a resource, as the rules see it."""

from dataclasses import dataclass
from typing import Any

from tests.azure_fakes.arm_ids import is_type, name_of, type_of
from tests.azure_fakes.azure import Azure, Resource, value_at


@dataclass(frozen=True)
class Change:
    """A PUT of `body`, or with `body` None a DELETE. `old`: the resource as it is, None where there is none."""

    azure: Azure
    id: str
    body: dict[str, Any] | None
    old: Resource | None

    @property
    def name(self) -> str:
        return name_of(self.id)

    @property
    def kind(self) -> str:
        return type_of(self.id)

    def is_type(self, *kinds: str) -> bool:
        return is_type(self.id, *kinds)

    def given(self, path: str) -> Any:
        """The value at a path in the body, None where the client did not send it."""
        return value_at(self.body, path)

    def others(self, kind: str) -> list[Resource]:
        """The other resources of a type."""
        return [each for each in self.azure.of_type(kind) if each.id.lower() != self.id.lower()]
