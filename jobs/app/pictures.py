"""The pictures of a page: small PNGs, by the id of a picture of the lake or by the name of a given one."""

from functools import lru_cache

from azure.storage.blob import ContainerClient
from starlette.requests import Request
from starlette.responses import Response

from jobs.app.asked import MOST_ID, read_number
from jobs.app.given import forgotten_picture
from jobs.app.page import desk_of
from jobs.errors import ErrorKind, JobError
from jobs.search.query import no_such_picture
from jobs.storage.client import lake_container, translate_storage_errors
from jobs.target import Target
from jobs.thumbnail import lake_thumbnail


@lru_cache(2)
def container_of(target: Target) -> ContainerClient:
    """One client of the lake for all pictures: it keeps its connections."""
    return lake_container(target)


def show_picture(request: Request) -> Response:
    """A picture of the lake. Its path comes from the index, never from the address. Raises JobError."""
    desk, id = desk_of(request), read_number(request.path_params, "id", 0, MOST_ID)
    lake = desk.lake()
    if id not in lake.positions or desk.target is None:
        raise no_such_picture(id)
    container = container_of(desk.target)
    with translate_storage_errors(container):
        png = lake_thumbnail(container, lake.filepaths[lake.positions[id]])
    if png is None:
        raise JobError(f"The lake has no picture that can be shown for the id {id}.", ErrorKind.not_found)
    return Response(png, media_type="image/png")


def show_given(request: Request) -> Response:
    """A picture that somebody gave. Raises JobError when it was forgotten."""
    given = desk_of(request).given.find(request.path_params["name"])
    if given is None:
        raise forgotten_picture()
    return Response(given.small, media_type="image/png")
