"""Search the database: by pgvector's index where there is one."""

from jobs.postgres import hnsw
from jobs.postgres.connection import open_connection
from jobs.postgres.rows import require_provenance
from jobs.provenance import Provenance
from jobs.search.query import Embed, Match, Query, no_such_emotion
from jobs.target import Target


def search_database(target: Target, query: Query, embed: Embed) -> tuple[Provenance, list[Match]]:
    with open_connection(target) as db:
        known = require_provenance(db)
        found = hnsw.nearest_rows(db, embed(known), query.k, query.emotion)
        if query.emotion and not found:
            with db.cursor() as cursor:
                cursor.execute("SELECT DISTINCT emotion FROM imagenes_fer")
                raise no_such_emotion(query.emotion, [emotion for (emotion,) in cursor])
        return known, [Match(*row) for row in found]
