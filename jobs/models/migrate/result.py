"""What a step of a migration prints."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jobs.models.migrate.session import Session


@dataclass(frozen=True)
class Step:
    """Where a migration is after a command. `calls` by deployment; `next` is what to do."""

    alias: str
    phase: str
    old: str
    new: str
    weights: Mapping[str, int]
    calls: Mapping[str, float] = field(default_factory=dict)
    proof: Mapping[str, Any] | None = None
    deleted: str | None = None
    next: str = ""
    said: tuple[str, ...] = ()

    def summary(self) -> str:
        weights = ", ".join(f"{name} {weight}" for name, weight in self.weights.items()) or "none yet"
        lines = list(self.said) or [f"{self.alias}: {self.phase}; weights {weights}"]
        if self.deleted and self.next:
            return "\n".join([*lines, f"deleted {self.deleted}; {self.next}"])
        return "\n".join([*lines, *([f"deleted {self.deleted}"] if self.deleted else []), *filter(None, [self.next])])


@dataclass(frozen=True)
class Planned:
    """What --dry-run says: the step in words, which was not taken."""

    alias: str
    planned: tuple[str, ...]

    def summary(self) -> str:
        return "\n".join(self.planned)


def to_step(session: Session, weights: Mapping[str, int], **more: Any) -> Step:
    """The result of a command."""
    at = session.migration()
    return Step(alias=at.alias, phase=str(at.phase), old=at.old, new=at.new, weights=weights, **more)
