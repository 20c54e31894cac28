"""A container's listing, kept on disk: a million names take no more memory than ten."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import Self

from jobs.storage.client import Blob

# An unnamed database is a temporary file, which SQLite deletes with the connection. It need not survive a crash.
CREATE = "PRAGMA journal_mode = OFF; CREATE TABLE blob (name TEXT PRIMARY KEY, size INTEGER, md5 BLOB) WITHOUT ROWID"
GET = "SELECT size, md5 FROM blob WHERE name = ?"
POP = "DELETE FROM blob WHERE name = ? RETURNING size, md5"


class BlobListing:
    """The blobs of a listing by name. Use it in a `with` block."""

    def __init__(self, blobs: Iterable[Blob]) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.executescript(CREATE)
        self._db.execute("BEGIN")
        self._db.executemany("INSERT INTO blob VALUES (?, ?, ?)", ((blob.name, blob.size, blob.md5) for blob in blobs))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._db.close()

    def is_empty(self) -> bool:
        return self._db.execute("SELECT 1 FROM blob LIMIT 1").fetchone() is None

    def get(self, name: str) -> Blob | None:
        """Return the blob of a name; None if the container has none."""
        row = self._db.execute(GET, (name,)).fetchone()
        return Blob(name, *row) if row else None

    def pop(self, name: str) -> Blob | None:
        """Remove the blob of a name and return it; None if the container has none."""
        row = self._db.execute(POP, (name,)).fetchone()
        return Blob(name, *row) if row else None

    def remaining(self) -> Iterator[str]:
        """The names that were not popped, in order."""
        with closing(self._db.execute("SELECT name FROM blob ORDER BY name")) as rows:
            for (name,) in rows:
                yield name
