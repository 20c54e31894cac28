"""The tool search_pictures: the pictures most like one that the user gave, or like one of the table."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from jobs.errors import ErrorKind, JobError
from jobs.search.query import Match, Query
from jobs.target import Target
from jobs.tools.tool import Context, Tool, pictures_target, strict_schema

MOST = 20
ROW = "SELECT vector::text FROM imagenes_fer WHERE id = %s"


def search_like(context: Context, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """{"picture", "pictures": [{id, filepath, emotion, distance}], "place"}, nearest first; distance is 1 - cosine."""
    picture, emotion, k = str(arguments["picture"]), arguments.get("emotion"), arguments.get("k") or 5
    if not 1 <= k <= MOST:
        raise JobError(f"k is from 1 to {MOST}.", ErrorKind.invalid)
    with pictures_target(context.target) as (target, place):
        if picture in context.pictures:
            from jobs.search.run import search_pictures

            query = Query(picture=context.pictures[picture], k=k, emotion=emotion, place="database")
            matches = search_pictures(target, query, only_read=True).results
        elif picture.isdecimal():
            matches = like_row(target, int(picture), emotion, k)
        else:
            handles = ", ".join(context.pictures) or "none: `--picture FILE` gives one"
            raise JobError(
                f"There is no picture {picture}. The handles are: {handles}. Or name an id.", ErrorKind.invalid
            )
    context.matches.extend(matches)
    return {"picture": picture, "pictures": [asdict(each) for each in matches], "place": place}


def like_row(target: Target, row_id: int, emotion: str | None, k: int) -> list[Match]:
    """The pictures nearest to that of a row, without itself. Raises JobError where no row has the id."""
    import numpy as np

    from jobs.postgres import hnsw
    from jobs.postgres.connection import fetch_value, open_connection

    with open_connection(target, only_read=True) as db:
        text = fetch_value(db, ROW, (row_id,)) if row_id < 2**63 else None
        if text is None:
            raise JobError(f"There is no picture with the id {row_id}.", ErrorKind.not_found)
        vector = np.array(text.strip("[]").split(","), np.float32)
        rows = hnsw.nearest_rows(db, vector, k + 1, emotion)
    return [Match(*row) for row in rows if row[0] != row_id][:k]


TOOL = Tool(
    "search_pictures",
    "Find the pictures of the vector lake that look most like one picture. The smaller the distance, the more alike.",
    strict_schema(
        picture={"type": "string", "description": "A handle that the user has, such as picture-1, or a picture's id."},
        emotion={"type": ["string", "null"], "description": "Only pictures of this emotion. Null for all."},
        k={"type": ["integer", "null"], "description": f"How many, 1 to {MOST}. Null for 5."},
    ),
    search_like,
)
