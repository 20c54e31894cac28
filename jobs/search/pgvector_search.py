"""Search the database, with pgvector's index if there is one."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import numpy as np
import psycopg2.errors
from psycopg2.extensions import connection

from jobs.embed.picture_files import target_files
from jobs.embed.trust import STALE, require_trusted
from jobs.errors import ErrorKind, JobError
from jobs.postgres import hnsw
from jobs.postgres.connection import Database, open_connection
from jobs.postgres.copy import Vector
from jobs.postgres.roles import as_reader
from jobs.provenance import Provenance, has_rows, read_record, require_provenance
from jobs.search.kept_open import KeptOpen
from jobs.search.place import Found
from jobs.search.query import Match, no_such_emotion, no_such_picture
from jobs.target import Target

STATEMENT_SECONDS = 15
PROVE = "`python -m jobs index --from database` computes some of its vectors again, and proves the record."
TOO_LONG = (
    f"The database took longer than {STATEMENT_SECONDS} s to answer: another command may be working on its table. "
    "`python -m jobs index --from database` makes a search faster."
)


class DatabasePlace:
    """The database. With `only_read` it logs in as the role that only reads, where the outputs have it.

    `weights` is a file, for weights that have moved.
    """

    def __init__(self, target: Target, only_read: bool = False, weights: str | None = None) -> None:
        self._target, self._only_read, self._weights = target, only_read, weights
        self._kept = KeptOpen(self._open)

    def _open(self) -> AbstractContextManager[connection]:
        return open_read_only(as_reader(self._target)) if self._only_read else open_connection(self._target)

    def made_with(self) -> Provenance:
        return self._kept.ask(self._read_provenance)

    def _read_provenance(self, db: connection) -> Provenance:
        if not self._only_read:
            return require_trusted(db, target_files(self._target), self._weights)
        record = read_record(db)
        if record and not record.bound and has_rows(db):
            raise JobError(f"{STALE}: {PROVE}", ErrorKind.conflict)
        provenance = require_provenance(db)
        db.rollback()
        return provenance

    def vector(self, id: int) -> Vector:
        def read(db: connection) -> Vector | None:
            with db.cursor() as cursor:
                cursor.execute("SELECT vector::real[] FROM imagenes_fer WHERE id = %s", (id,))
                row = cursor.fetchone()
            db.rollback()
            return np.array(row[0], dtype=np.float32) if row else None

        vector = self._kept.ask(read)
        if vector is None:
            raise no_such_picture(id)
        return vector

    def nearest(self, vector: Vector, k: int, emotion: str | None) -> Found:
        """Raises JobError if the database is empty, its record of weights is wrong, or no picture has the emotion."""

        def search(db: connection) -> Found | JobError:
            try:
                made_with = require_provenance(db)
                rows, exact = hnsw.nearest(db, vector, k, emotion)
                if emotion and not rows:
                    return no_such_emotion(emotion, read_emotions(db))
                return Found([Match(*row) for row in rows], exact, made_with)
            finally:
                if not db.closed:
                    db.rollback()

        found = self._kept.ask(search)
        if isinstance(found, JobError):  # raised here, it does not close the connection
            raise found
        return found

    def close(self) -> None:
        self._kept.close()


@contextmanager
def open_read_only(database: Database) -> Iterator[connection]:
    """A connection whose server refuses to write, and ends a statement after STATEMENT_SECONDS. Raises JobError."""
    with open_connection(database, only_read=True) as db:
        with db.cursor() as cursor:
            cursor.execute("SET statement_timeout = %s", (f"{STATEMENT_SECONDS}s",))
        db.commit()
        try:
            yield db
        except psycopg2.errors.QueryCanceled as error:
            raise JobError(TOO_LONG) from error


def read_emotions(db: connection) -> list[str]:
    """The emotions of the table's pictures."""
    with db.cursor() as cursor:
        cursor.execute("SELECT DISTINCT emotion FROM imagenes_fer")
        return [emotion for (emotion,) in cursor]
