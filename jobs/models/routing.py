"""The weights of an alias, where applications read them: a file, or a blob of the stack's lake."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from jobs.errors import ErrorKind, JobError
from jobs.models import clock
from jobs.models.router import parse_weights
from jobs.state import exclusive_lock, write_atomically


@dataclass(frozen=True)
class Routing:
    """The file's document. `tag` is the version that was read, which a write needs; None where there is no file yet."""

    alias: str
    weights: Mapping[str, int] = field(default_factory=dict)
    revision: int = 0
    changed: str = ""
    tag: str | None = None


class Store(Protocol):
    """Where the file is. `load` returns its text and tag, `save` raises JobError where it has another tag."""

    place: str

    def load(self) -> tuple[bytes, str] | None: ...

    def save(self, text: bytes, tag: str | None) -> None: ...


def read_routing(store: Store, alias: str) -> Routing:
    """The weights; none where there is no file. Raises JobError for a file that is not one of this alias."""
    found = store.load()
    if found is None:
        return Routing(alias)
    text, tag = found
    try:
        document: dict[str, Any] = json.loads(text)
        weights = parse_weights(text)
        if document["alias"] != alias:
            raise ValueError(f"it is of the alias {document['alias']}")
        changed = clock.text(clock.parse(document["changed"]))
        return Routing(alias, weights, int(document["revision"]), changed, tag)
    except (ValueError, KeyError, TypeError) as error:
        raise JobError(
            f"{store.place} does not have the weights of {alias} ({error}): repair it, or delete it and run "
            "`models migrate start` again.",
            ErrorKind.invalid,
        ) from error


def write_weights(store: Store, before: Routing, weights: Mapping[str, int]) -> Routing:
    """Replace the weights, unless they are so already. Raises JobError where others changed the file meanwhile."""
    if before.tag is not None and list(before.weights.items()) == list(weights.items()):
        return before
    revision, changed = before.revision + 1, clock.text(clock.now())
    document = {"alias": before.alias, "weights": weights, "revision": revision, "changed": changed}
    text = json.dumps(document)
    parse_weights(text)
    store.save(text.encode(), before.tag)
    return read_routing(store, before.alias)


class FileStore:
    """A file. Its tag is a hash of its text; commands on one machine exclude each other."""

    def __init__(self, path: Path) -> None:
        self.path, self.place = path, str(path)

    def load(self) -> tuple[bytes, str] | None:
        if not self.path.exists():
            return None
        text = self.path.read_bytes()
        return text, sha256(text).hexdigest()

    def save(self, text: bytes, tag: str | None) -> None:
        lock = f"routing-{sha256(str(self.path.resolve()).encode()).hexdigest()[:16]}.lock"
        with exclusive_lock(lock, f"Another command writes {self.place}"):
            found = self.load()
            if (found[1] if found else None) != tag:
                raise changed_by_others(self.place)
            write_atomically(self.path, text)


def changed_by_others(place: str) -> JobError:
    return JobError(
        f"{place} was changed by others meanwhile: nothing was written. Run the same command again.", ErrorKind.conflict
    )
