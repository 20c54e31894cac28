"""Run embed and check that its counts add up; read the table afterwards."""

from pathlib import Path

from jobs.embed.options import EmbedOptions
from jobs.embed.result import EmbedResult
from jobs.embed.run import embed_pictures
from jobs.postgres.connection import open_connection

Table = dict[str, tuple[int, str, str]]


def table(url: str) -> Table:
    """filepath: (id, emotion, vector as text)"""
    with open_connection(url) as db, db.cursor() as cursor:
        cursor.execute("SELECT filepath, id, emotion, vector::text FROM imagenes_fer")
        return {filepath: (id, emotion, vector) for filepath, id, emotion, vector in cursor}


def run(folder: Path, url: str, weights: str | None, limit: int | None = None, **options: object) -> EmbedResult:
    result = embed_pictures(folder, url, EmbedOptions(weights=weights, **options), limit)  # type: ignore[arg-type]
    parts = result.embedded + result.unchanged + result.renamed + result.duplicates + len(result.failed)
    assert result.found == parts
    return result
