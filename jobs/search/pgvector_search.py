"""Search the database, with pgvector's index if there is one."""

from jobs.embed.picture_files import target_files
from jobs.embed.trust import require_trusted
from jobs.postgres import hnsw
from jobs.postgres.connection import open_connection
from jobs.provenance import Provenance
from jobs.search.query import Embed, Match, Query, no_such_emotion
from jobs.target import Target


def search_database(target: Target, query: Query, embed: Embed) -> tuple[Provenance, list[Match]]:
    """The nearest pictures in the database, and what filled it. Raises JobError.

    For example if the database is empty, if its record of weights is wrong, or if no picture has the emotion.
    """
    with open_connection(target) as db:
        provenance = require_trusted(db, target_files(target), query.weights)
        rows = hnsw.nearest_rows(db, embed(provenance), query.k, query.emotion)
        if query.emotion and not rows:
            with db.cursor() as cursor:
                cursor.execute("SELECT DISTINCT emotion FROM imagenes_fer")
                raise no_such_emotion(query.emotion, [emotion for (emotion,) in cursor])
        return provenance, [Match(*row) for row in rows]
