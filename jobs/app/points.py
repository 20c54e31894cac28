"""The points of the map, as bytes that a script reads without parsing; and what one point is."""

import numpy as np
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from jobs.app.asked import MOST_ID, read_number
from jobs.app.exploring import Explorer
from jobs.app.page import desk_of
from jobs.app.selection import ExploreAsked, scale_places, select
from jobs.app.templating import shape_numbers
from jobs.errors import ErrorKind, JobError
from jobs.explore.exploration import Exploration
from jobs.search.query import no_such_picture


def explorer_of(request: Request) -> Explorer:
    explorer: Explorer = request.app.state.explorer
    return explorer


def require_exploration(request: Request) -> Exploration:
    """The exploration. Raises JobError while it is computed."""
    found = explorer_of(request).current()
    if found is None:
        raise JobError("The pictures are still being compared: try again in some seconds.", ErrorKind.unavailable)
    return found


def show_points(request: Request) -> Response:
    """All points, little endian: float64 ids, uint16 x, uint16 y, uint8 shapes, uint8 whether it is selected."""
    found = require_exploration(request)
    asked = ExploreAsked.read(request.query_params)
    collection, places = found.collection, scale_places(found.places)
    counts = dict(zip(collection.names, collection.counts.tolist(), strict=True))
    shapes = shape_numbers(counts)
    chosen = np.zeros(len(collection), np.uint8)
    chosen[select(found, asked)] = 1
    columns = (
        collection.ids.astype("<f8"),
        places[:, 0].astype("<u2"),
        places[:, 1].astype("<u2"),
        np.array([shapes[emotion] for emotion in collection.emotions.tolist()], np.uint8),
        chosen,
    )
    return Response(b"".join(column.tobytes() for column in columns), media_type="application/octet-stream")


def show_point(request: Request) -> Response:
    """The emotion and the path of one picture."""
    lake, id = desk_of(request).lake(), read_number(request.path_params, "id", 0, MOST_ID)
    if id not in lake.positions:
        raise no_such_picture(id)
    position = lake.positions[id]
    return JSONResponse({"id": id, "emotion": lake.emotions[position], "filepath": lake.filepaths[position]})
