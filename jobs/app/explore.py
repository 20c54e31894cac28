"""The explore pages: map, duplicates, suspected labels, confusion."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
from starlette.requests import Request
from starlette.responses import Response

from jobs.app.asked import wrong
from jobs.app.desk import State
from jobs.app.page import desk_of, render, show_not_ready, words_of
from jobs.app.points import explorer_of
from jobs.app.selection import PAGE, ExploreAsked, select
from jobs.app.tables import csv_download, download
from jobs.app.templating import shape_numbers
from jobs.explore.exploration import Exploration
from jobs.explore.files import MAP, map_parquet, map_rows

T = TypeVar("T")
GROUPS = 20  # groups of duplicates, and suspected labels, on a page
EVIDENCE = 5  # neighbours that are shown beside a suspected label


def show_explore(request: Request) -> Response:
    """One view of the exploration, or its selection as a file. Raises JobError."""
    desk, asked = desk_of(request), ExploreAsked.read(request.query_params)
    if desk.state is not State.ready:
        return show_not_ready(request)
    found = explorer_of(request).current()
    if found is None:
        return render(request, "exploring.html")
    chosen = select(found, asked)
    if asked.format == "csv":
        return csv_download("selection.csv", MAP, map_rows(found, chosen))
    if asked.format == "parquet":
        return download(map_parquet(found, chosen), "selection.parquet", "application/vnd.apache.parquet")
    view = describe_view(found, asked, chosen)
    if asked.page > view["pages"]:
        raise wrong("page", f"a whole number from 1 to {view['pages']}")
    collection = found.collection
    counts = dict(zip(collection.names, collection.counts.tolist(), strict=True))
    return render(
        request,
        "explore.html",
        asked=asked,
        found=found,
        counts=counts,
        shapes=shape_numbers(counts),
        layout_error=explorer_of(request).error,
        names={name: words_of(request).emotion(name) for name in counts},
        **view,
    )


def describe_view(found: Exploration, asked: ExploreAsked, chosen: np.ndarray[Any, Any]) -> dict[str, Any]:
    """What the template of the view shows, one page of it."""
    if asked.view == "duplicates":
        twins = found.twins(asked.near / 1000)
        groups = [(each, pictures(found, each.positions)) for each in page_of(twins, asked.page, GROUPS)]
        kinds = Counter(each.kind for each in twins)
        return {"kinds": kinds, "groups": groups, "total": len(twins), "pages": count_pages(twins, GROUPS)}
    if asked.view == "labels":
        suspects = found.suspects().tolist()
        shown = [suspect(found, position) for position in page_of(suspects, asked.page, GROUPS)]
        return {"suspects": shown, "total": len(suspects), "pages": count_pages(suspects, GROUPS)}
    positions = chosen.tolist()
    selected = Counter(found.collection.emotions[chosen].tolist())
    listed = pictures(found, page_of(positions, asked.page))
    return {"listed": listed, "selected": selected, "total": len(positions), "pages": count_pages(positions)}


def page_of(values: Sequence[T], page: int, size: int = PAGE) -> Sequence[T]:
    return values[(page - 1) * size : page * size]


def count_pages(values: Sequence[Any], size: int = PAGE) -> int:
    return max(-(-len(values) // size), 1)


def pictures(found: Exploration, positions: Sequence[int]) -> list[dict[str, Any]]:
    """What is shown of pictures."""
    collection = found.collection
    return [
        {
            "id": int(collection.ids[position]),
            "filepath": collection.filepaths[position],
            "emotion": str(collection.emotions[position]),
        }
        for position in positions
    ]


def suspect(found: Exploration, position: int) -> dict[str, Any]:
    """A suspected label, with the neighbours that say so."""
    vote, names = found.vote, found.collection.names
    return {
        **pictures(found, [position])[0],
        "own": float(vote.own[position]),
        "said": names[int(vote.said[position])],
        "share": float(vote.share[position]),
        "evidence": pictures(found, found.near.positions[position][:EVIDENCE].tolist()),
    }
