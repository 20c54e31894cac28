"""documents add: read files, embed what is new or changed, and keep it; a transaction for each document."""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from psycopg2.extensions import connection

from jobs import terminal
from jobs.documents.blocks import UnreadableDocumentError
from jobs.documents.passages import cut_passages
from jobs.documents.read import MOST_BYTES, as_text, find_documents, is_gone, read_blocks
from jobs.documents.store import (
    Collection,
    Stored,
    claim_collection,
    embedded_text,
    read_collection,
    read_documents,
    recompute_vectors,
    write_document,
)
from jobs.documents.vectors import EmbedChoice, Embedder, choose_embedder
from jobs.errors import ErrorKind, JobError
from jobs.foreign_files import UnusableFileError, read_regular_file
from jobs.postgres.connection import open_connection
from jobs.postgres.schema import upgrade_schema
from jobs.target import Target

if TYPE_CHECKING:
    from jobs.documents.azure_search import IndexedDocuments

WORDS_ALONE = (
    "Found by words alone: no model for meaning is there (docs/assistant.md, section Documents). Questions in Spanish "
    "suffer most."
)


@dataclass(frozen=True)
class Failure:
    path: str
    reason: str


@dataclass(kw_only=True)
class AddResult:
    """`documents` and `passages` count the whole collection afterwards. `model` is None where words alone find it.

    `indexed` is what `--to azure-search` sent.
    """

    documents: int = 0
    added: int = 0
    unchanged: int = 0
    replaced: int = 0
    removed: int = 0
    passages: int = 0
    model: str | None = None
    dimensions: int = 0
    failed: list[Failure] = field(default_factory=list)
    seconds: float = 0.0
    collection: str = ""
    indexed: "IndexedDocuments | None" = None

    def summary(self) -> str:
        lines = [
            f"{self.documents} documents, {self.passages} passages in {self.collection}: {self.added} added, "
            f"{self.replaced} replaced, {self.unchanged} unchanged, {self.removed} removed, {len(self.failed)} failed",
            *(f"  {each.path}: {each.reason}" for each in self.failed),
            f"Found by words and by meaning ({self.model}, {self.dimensions} numbers)." if self.model else WORDS_ALONE,
        ]
        if self.indexed:
            counts = f"{self.indexed.sent} passages sent, {self.indexed.deleted} deleted"
            lines.append(f"Azure AI Search, index {self.indexed.index}: {counts}")
        return "\n".join(lines)


@dataclass(frozen=True)
class Filling:
    """What a run fills: the collection, with which model, and what is known of it by name."""

    collection: Collection
    embedder: Embedder | None
    known: dict[str, Stored]


@dataclass(frozen=True, kw_only=True)
class AddOptions:
    """`replace`: where another model filled the collection, compute everything again with this one.

    Names are paths below `root` (default: the current folder).
    """

    collection: str
    choice: EmbedChoice
    replace: bool = False
    root: Path | None = None


def add_documents(target: Target, paths: Sequence[Path], options: AddOptions) -> AddResult:
    """Make the collection hold the files as they are now. What cannot be read is listed, and the run goes on.

    A document whose file is gone from a folder that is named leaves the collection. Raises JobError where no file is
    there, or another model filled the collection.
    """
    started, result = time.perf_counter(), AddResult(collection=options.collection)
    files = list(find_documents(paths, options.root))
    if not files and not any(path.is_dir() for path in paths):
        raise JobError("There is no document to add: name files or folders.", ErrorKind.not_found)
    embedder = choose_embedder(options.choice)
    with open_connection(target) as db:
        upgrade_schema(db)
        wanted = Collection(
            options.collection, embedder.model if embedder else "", embedder.dimensions if embedder else 0
        )
        prepare_collection(db, wanted, embedder, options.replace)
        result.removed = remove_missing(db, wanted.name, paths)
        filling = Filling(wanted, embedder, {each.name: each for each in read_documents(db, wanted.name)})
        with terminal.progress("documents", len(files)) as advance:
            for file in files:
                add_file(db, filling, *file, result)
                advance(1)
        documents = read_documents(db, wanted.name)
    result.documents, result.passages = len(documents), sum(each.passages for each in documents)
    result.model, result.dimensions = wanted.model or None, wanted.dimensions
    result.seconds = round(time.perf_counter() - started, 3)
    return result


def prepare_collection(db: connection, wanted: Collection, embedder: Embedder | None, replace: bool) -> None:
    """Check the model that filled the collection; with `replace`, compute all of it again where it was another."""
    found = read_collection(db, wanted.name)
    if replace and found not in (None, wanted):
        recompute_vectors(db, wanted, embedder)
    else:
        claim_collection(db, wanted)
    db.commit()


def remove_missing(db: connection, collection: str, paths: Sequence[Path]) -> int:
    """Delete the documents whose file was in one of the folders and is there no longer; returns how many."""
    folders = [path.resolve() for path in paths if path.is_dir()]
    gone = [
        each.id
        for each in read_documents(db, collection)
        if any(Path(each.path).is_relative_to(folder) for folder in folders) and is_gone(Path(each.path))
    ]
    with db.cursor() as cursor:
        cursor.execute("DELETE FROM document WHERE id = ANY (%s)", (gone,))
    db.commit()
    return len(gone)


def add_file(db: connection, filling: Filling, name: str, file: Path, result: AddResult) -> None:
    """Add, replace or skip one file, in a transaction of its own, and count it."""
    try:
        data = read_regular_file(file, MOST_BYTES)
        new = Stored(0, as_text(name), as_text(file.resolve().as_posix()), hashlib.sha256(data).digest(), 0)
        before = find_previous(filling.known, new)
        if before and before.sha256 == new.sha256:
            result.unchanged += 1
            return
        passages = cut_passages(read_blocks(file, data))
    except (UnreadableDocumentError, UnusableFileError) as error:
        result.failed.append(Failure(name, "the folder cannot be listed" if file.is_dir() else str(error)))
        return
    except OSError as error:
        result.failed.append(Failure(name, error.strerror or str(error)))
        return
    texts = [embedded_text(each.heading, each.text) for each in passages]
    vectors = filling.embedder.embed(texts) if filling.embedder else None
    claim_collection(db, filling.collection)
    write_document(db, filling.collection.name, new, passages, vectors)
    db.commit()
    filling.known[name] = new
    result.replaced += before is not None
    result.added += before is None


def find_previous(known: dict[str, Stored], new: Stored) -> Stored | None:
    """The document that the file was before. Raises UnreadableDocumentError where its name is another file's.

    A project that moved keeps its documents: the file at the old path is gone then, or the same.
    """
    same = known.get(new.name)
    if same is None or same.path == new.path or same.sha256 == new.sha256 or is_gone(Path(same.path)):
        return same
    raise UnreadableDocumentError(
        f"the collection has another document {new.name}, from {same.path}: `documents remove {new.name}` first, or "
        "keep this one apart with `--collection`"
    )
