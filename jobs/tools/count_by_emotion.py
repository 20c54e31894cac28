"""The tool count_by_emotion: how many pictures have each emotion."""

from collections.abc import Mapping
from typing import Any

from jobs.errors import ErrorKind, JobError
from jobs.postgres.connection import open_connection
from jobs.tools.tool import Context, Tool, pictures_target, strict_schema

QUERY = "SELECT emotion, count(*) FROM imagenes_fer GROUP BY emotion ORDER BY count(*) DESC, emotion"


def count_by_emotion(context: Context, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """{"total", "by_emotion": {name: count}, "sum": of the emotions asked for, "counted_with", "place"}."""
    from jobs.tools.tool import has_pictures

    with pictures_target(context.target) as (target, place):
        if not has_pictures(target):
            raise JobError(
                "There are no pictures yet: `python -m jobs embed DIR`, then `migrate`.", ErrorKind.not_found
            )
        with open_connection(target, only_read=True) as db, db.cursor() as cursor:
            cursor.execute(QUERY)
            counts = dict(cursor.fetchall())
    wanted = arguments.get("emotions") or list(counts)
    unknown = [name for name in wanted if name not in counts]
    if unknown:
        names = ", ".join(sorted(counts))
        raise JobError(
            f"No picture has the emotion {', '.join(unknown)}. The emotions are: {names}.", ErrorKind.not_found
        )
    chosen = {name: count for name, count in counts.items() if name in wanted}
    return {
        "total": sum(counts.values()),
        "by_emotion": chosen,
        "sum": sum(chosen.values()),
        "counted_with": QUERY,
        "place": place,
    }


TOOL = Tool(
    "count_by_emotion",
    "Count the pictures of the vector lake by emotion. Use it for every question about how many pictures there are.",
    strict_schema(
        emotions={
            "type": ["array", "null"],
            "items": {"type": "string"},
            "description": "Only these emotions, as the table writes them, such as sad. Null for all.",
        }
    ),
    count_by_emotion,
)
