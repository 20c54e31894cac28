"""Fill a target's table with labelled rows, without computing vectors: for tests of what is counted and quoted."""

from jobs.postgres.connection import open_connection
from jobs.postgres.schema import upgrade_schema
from jobs.target import Target

# What `sample --count 350 --seed 1` draws.
DRAWN = {"angry": 49, "disgust": 5, "fear": 50, "happy": 88, "neutral": 60, "sad": 59, "surprise": 39}
INSERT = """
INSERT INTO imagenes_fer (filepath, emotion, vector)
SELECT %(emotion)s || '/' || n || '.jpg', %(emotion)s,
    (SELECT array_agg(sin(i * (n + ascii(%(emotion)s)))) FROM generate_series(1, 512) i)::vector
FROM generate_series(1, %(count)s) n
"""


def fill_lake(target: Target, counts: dict[str, int]) -> None:
    """Insert so many rows of each emotion, each with a vector of its own."""
    with open_connection(target) as db, db.cursor() as cursor:
        upgrade_schema(db)
        for emotion, count in counts.items():
            cursor.execute(INSERT, {"emotion": emotion, "count": count})
        db.commit()
