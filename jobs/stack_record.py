"""What a command has to remember of a stack: one JSON file for each stack, in the state folder."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Generic, TypeVar

from jobs.state import state_folder, write_atomically

T = TypeVar("T")


class StackRecord(Generic[T]):
    """Files `folder/STACK.json`, each with the fields of one `record_type`, a dataclass."""

    def __init__(self, folder: str, record_type: type[T]) -> None:
        self._folder, self._type = folder, record_type

    def file(self, stack: str) -> Path:
        return state_folder() / self._folder / f"{stack.replace('/', '.')}.json"

    def read(self, stack: str) -> T | None:
        """The record of a stack; None where there is none, or it cannot be read."""
        try:
            return self._type(**json.loads(self.file(stack).read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def write(self, stack: str, record: T) -> None:
        fields: Any = record
        write_atomically(self.file(stack), json.dumps(asdict(fields), indent=2))

    def delete(self, stack: str) -> None:
        self.file(stack).unlink(missing_ok=True)
