"""A tool, and what every tool may use."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from jobs.documents.search import DocumentsResult, Found, Search, search_documents
from jobs.search.query import Match
from jobs.target import Target


@dataclass
class Context:
    """What a question can use. `search` has the collection, and how its vectors are computed.

    `pictures` are the files that the user gave, by handle: a tool never takes a path. `sources` and `matches` collect
    the passages and pictures that tools found, so that an answer's [n] can be checked and its pictures shown.
    """

    target: Target
    stack: str
    search: Search
    pictures: Mapping[str, Path] = field(default_factory=dict)
    sources: list[Found] = field(default_factory=list)
    matches: list[Match] = field(default_factory=list)

    def find_passages(self, query: str, k: int) -> DocumentsResult:
        """Search, and number the passages on from those that were found before. One that was keeps its number."""
        result = search_documents(self.target, replace(self.search, query=query, k=k))
        known = {(each.document, each.text): each for each in self.sources}
        for each in result.results:
            if (each.document, each.text) not in known:
                known[each.document, each.text] = replace(each, n=len(known) + 1)
        self.sources[:] = known.values()
        return replace(result, results=[known[each.document, each.text] for each in result.results])


@dataclass(frozen=True)
class Tool:
    """`parameters` is a strict JSON schema: every property required, optional ones nullable, no others.

    `run` gets arguments that fit it, and returns what becomes JSON. It raises JobError for what the caller can change.
    None is a function without code here. `prepare` loads what takes long, once, before the clock of a call runs.
    """

    name: str
    description: str
    parameters: Mapping[str, Any]
    run: Callable[[Context, Mapping[str, Any]], Mapping[str, Any]] | None
    prepare: Callable[[Context], None] | None = None

    @property
    def is_strict(self) -> bool:
        """Whether the schema is strict, as the API's `strict` wants it. That of a user's own function may not be."""
        required = set(self.parameters.get("required", []))
        return self.parameters.get("additionalProperties") is False and required == set(self.parameters["properties"])


def strict_schema(**properties: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of an object with exactly these properties."""
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


@contextmanager
def pictures_target(target: Target) -> Iterator[tuple[Target, str]]:
    """The target that has pictures, and its name: on a laptop whose own table is empty, that of the demo.

    It logs in to the database as the role that only reads: a model, a user or a file chooses what is asked there.
    Inside the block the state folder is that of the services, where weights and runs are.
    """
    from jobs.demo.services import FOLDER
    from jobs.postgres.roles import as_reader
    from jobs.state import nested_state_folder, state_folder

    target = as_reader(target)
    is_local = target.pipeline_runner == "local"
    demo = is_local and (state_folder() / FOLDER / "cloud").is_dir() and not has_pictures(target)
    with nested_state_folder(FOLDER) if demo else nullcontext():
        if demo:
            from jobs.local.services import local_outputs

            target = as_reader(Target.from_outputs(local_outputs(), "python -m jobs demo"))
        yield target, "the demo's database" if demo else f"the database {target.postgres_database}"


def has_pictures(target: Target) -> bool:
    from jobs.postgres.connection import fetch_value, open_connection

    with open_connection(target, only_read=True) as db:
        if not fetch_value(db, "SELECT to_regclass('imagenes_fer') IS NOT NULL"):
            return False
        return bool(fetch_value(db, "SELECT EXISTS (SELECT FROM imagenes_fer)"))
