"""A target that holds the drawn faces, searched by numpy for comparison."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from jobs.postgres.connection import open_connection
from jobs.search.run import Query, SearchResult, search_pictures
from jobs.target import Target


@dataclass(frozen=True)
class Filled:
    """`folder` has the faces, `source` is the URL of the laptop's database."""

    target: Target
    folder: Path
    source: str

    def picture(self, filepath: str) -> Path:
        return self.folder / "train" / filepath

    def nearest(self, filepath: str, k: int, emotion: str | None = None) -> list[tuple[str, float]]:
        """What numpy finds, from the laptop's table."""
        with open_connection(self.source) as db, db.cursor() as cursor:
            cursor.execute("SELECT filepath, emotion, vector::real[] FROM imagenes_fer ORDER BY id")
            rows = cursor.fetchall()
        vectors = np.array([row[2] for row in rows])
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        query = vectors[[row[0] for row in rows].index(filepath)]
        distances = 1 - vectors @ query
        order = [place for place in np.argsort(distances, kind="stable") if emotion in (None, rows[place][1])]
        return [(rows[place][0], float(distances[place])) for place in order[:k]]

    def query(self, filepath: str, **options: object) -> SearchResult:
        return search_pictures(self.target, Query(picture=self.picture(filepath), **options))  # type: ignore[arg-type]

    def execute(self, statement: str) -> None:
        """Run a statement in the target's database."""
        with open_connection(self.target) as db, db.cursor() as cursor:
            cursor.execute(statement)
            db.commit()
