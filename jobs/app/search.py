"""The search page: a picture, and the pictures nearest to it in each place."""

import secrets
from asyncio import wrap_future
from collections import Counter
from dataclasses import asdict
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from jobs.app.asked import SearchAsked, read_form
from jobs.app.columns import Column, add_overlaps, measure_purity
from jobs.app.desk import Desk, State
from jobs.app.given import Given, forgotten_picture, read_given
from jobs.app.page import desk_of, error_status, render, show_not_ready
from jobs.app.tables import csv_download
from jobs.app.templating import shape_numbers
from jobs.errors import ErrorKind, JobError
from jobs.postgres.copy import Vector
from jobs.provenance import Provenance
from jobs.search.result import SearchResult

RESULTS = "#results"  # the heading that gets the focus after a search
CSV = ("place", "rank", "id", "filepath", "emotion", "distance")


def show_search(request: Request) -> Response:
    """The page, CSV or JSON of a search. Raises JobError."""
    desk = desk_of(request)
    if desk.state is not State.ready:
        return show_not_ready(request)
    asked = SearchAsked.read(request.query_params)
    if "random" in request.query_params:
        return RedirectResponse(asked.address(id=choose_random(desk), given="") + RESULTS, 303)
    given = desk.given.find(asked.given) if asked.given else None
    forgotten = bool(asked.given) and given is None
    columns = [] if forgotten or not asked.has_query else search_places(desk, asked, given)
    if asked.format:
        if forgotten:
            raise forgotten_picture()
        return export(asked, columns)
    counts = lake_counts(desk)
    return render(
        request,
        "search.html",
        404 if forgotten else status_of(columns),
        asked=asked,
        columns=columns,
        forgotten=forgotten,
        counts=counts,
        shapes=shape_numbers(counts),
        places=[place for place in ("lake", "database", "azure-search") if place != "azure-search" or has_search(desk)],
        query_match=own_match(desk, asked.id),
    )


def status_of(columns: list[Column]) -> int:
    """The status of the page: that of the first error where no place answers."""
    errors = [column.error for column in columns if column.error]
    return error_status(errors[0]) if columns and len(errors) == len(columns) else 200


def choose_random(desk: Desk) -> int:
    """The id of a picture. Raises JobError if there is none."""
    ids = desk.lake().ids
    if not len(ids):
        raise JobError("The lake has no pictures yet.", ErrorKind.not_found)
    return int(secrets.choice(ids))


def has_search(desk: Desk) -> bool:
    return bool(desk.target and desk.target.search_url)


def lake_counts(desk: Desk) -> Counter[str]:
    """How many pictures each emotion has; none while the lake does not answer: the page shows its sentence."""
    try:
        return desk.lake().counts
    except JobError:
        return Counter()


def own_match(desk: Desk, id: int | None) -> dict[str, Any] | None:
    """The picture of the collection that is searched for."""
    try:
        lake = desk.lake()
    except JobError:
        return None
    if id is None or id not in lake.positions:
        return None
    position = lake.positions[id]
    return {"id": id, "filepath": lake.filepaths[position], "emotion": str(lake.emotions[position])}


async def post_search(request: Request) -> Response:
    """Take a picture, compute its vector, and lead to its results. Raises JobError."""
    desk = desk_of(request)
    form = await read_form(request, "picture")
    asked = SearchAsked.read(form.texts)
    if not form.file:
        raise JobError("Choose a picture first: a JPEG or PNG file.", ErrorKind.usage)
    given = await run_in_threadpool(read_given, form.file)
    made_with = await run_in_threadpool(desk.searcher.place("lake").made_with)
    given.vectors[made_with] = await wrap_future(desk.turns.submit(given.pixels, made_with))
    return RedirectResponse(asked.address(id=None, given=desk.given.keep(given)) + RESULTS, 303)


def search_places(desk: Desk, asked: SearchAsked, given: Given | None) -> list[Column]:
    """Ask every place. One that refuses does not keep the others from answering."""
    counts, columns = lake_counts(desk), []
    for place in asked.places:
        try:
            result = search_place(desk, asked, place, given)
            columns.append(Column(place=place, result=result, purity=measure_purity(result, counts)))
        except JobError as error:
            columns.append(Column(place=place, error=error))
    return add_overlaps(columns)


def search_place(desk: Desk, asked: SearchAsked, place: str, given: Given | None) -> SearchResult:
    """The nearest in one place. Raises JobError."""
    if given is None:
        return desk.searcher.by_id(int(asked.id or 0), asked.criteria(place))

    def embed(made_with: Provenance) -> Vector:
        if made_with not in given.vectors:
            given.vectors[made_with] = desk.turns.compute(given.pixels[None], made_with)[0]
        return given.vectors[made_with]

    return desk.searcher.by_vector(embed, asked.criteria(place))


def export(asked: SearchAsked, columns: list[Column]) -> Response:
    """The results as CSV or JSON: for one place the object of `search --json`, for several a list of them.

    Raises JobError where no place answers.
    """
    results = [column.result for column in columns if column.result]
    if not columns:
        raise JobError("Give a picture first: id or given is missing.", ErrorKind.usage)
    if columns[0].error and not results:
        raise columns[0].error
    if asked.format == "json":
        objects = [asdict(result) for result in results]
        return JSONResponse(objects[0] if len(asked.places) == 1 else objects)
    rows = (
        (result.place, rank, match.id, match.filepath, match.emotion, match.distance)
        for result in results
        for rank, match in enumerate(result.results, 1)
    )
    return csv_download("results.csv", CSV, rows)
