"""documents list and documents remove."""

from collections.abc import Sequence
from dataclasses import dataclass

from jobs.documents.search import no_documents
from jobs.documents.store import has_tables, read_collection, read_documents
from jobs.errors import ErrorKind, JobError
from jobs.postgres.connection import open_connection
from jobs.target import Target


@dataclass(frozen=True)
class ListedDocument:
    name: str
    passages: int


@dataclass(frozen=True, kw_only=True)
class DocumentList:
    """`model` is None where the passages are found by words alone."""

    collection: str
    model: str | None
    dimensions: int
    documents: list[ListedDocument]

    def summary(self) -> str:
        head = f"{self.collection}: {len(self.documents)} documents, {self.model or 'found by words alone'}"
        return "\n".join([head, *(f"  {each.passages:5,} passages  {each.name}" for each in self.documents)])


@dataclass(frozen=True, kw_only=True)
class Removal:
    collection: str
    removed: list[str]

    def summary(self) -> str:
        return f"Removed from {self.collection}: {', '.join(self.removed)}"


def list_documents(target: Target, collection: str) -> DocumentList:
    """What a collection holds; an empty list where it holds nothing."""
    with open_connection(target, only_read=True) as db:
        record = read_collection(db, collection)
        documents = [ListedDocument(each.name, each.passages) for each in read_documents(db, collection)]
    model, dimensions = (record.model or None, record.dimensions) if record else (None, 0)
    return DocumentList(collection=collection, model=model, dimensions=dimensions, documents=documents)


def keep_documents(target: Target, collection: str, names: Sequence[str]) -> None:
    """Remove every document of a collection but those of the names."""
    with open_connection(target) as db:
        if has_tables(db):
            with db.cursor() as cursor:
                cursor.execute(
                    "DELETE FROM document WHERE collection = %s AND name <> ALL (%s)", (collection, [*names])
                )
            db.commit()


def remove_document(target: Target, name: str, collection: str) -> Removal:
    """Remove a document, or every document below a folder's name, from the search service too. The files stay.

    Raises JobError.
    """
    with open_connection(target) as db:
        documents = read_documents(db, collection)
        if not documents:
            raise no_documents(db, collection)
        inside = f"{name.rstrip('/')}/"
        gone = [each for each in documents if each.name == name or each.name.startswith(inside)]
        if not gone:
            raise JobError(
                f"There is no document {name} in {collection}: `python -m jobs documents list` shows their names.",
                ErrorKind.not_found,
            )
        with db.cursor() as cursor:
            cursor.execute("DELETE FROM document WHERE id = ANY (%s)", ([each.id for each in gone],))
        db.commit()
    if target.search_url:
        from jobs.documents.azure_search import index_collection

        index_collection(target, collection, only_existing=True)
    return Removal(collection=collection, removed=[each.name for each in gone])
