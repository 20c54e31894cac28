"""A selection of pictures on the map: an area and emotions, both of the address."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

import numpy as np
from numpy.typing import NDArray
from starlette.datastructures import ImmutableMultiDict

from jobs.app.asked import read_choice, read_number, wrong
from jobs.explore.exploration import Exploration
from jobs.search.query import no_such_emotion

VIEWS = ("map", "duplicates", "labels", "confusion")
FORMATS = ("", "csv", "parquet")
SIDE = 65535  # coordinates of the map are from 0 to SIDE
MARGIN = 1500  # around the outermost pictures: an outline can go around them
MOST_CORNERS = 200
PAGE = 60
NEAREST, WIDEST, DEFAULT_NEAR = 1, 100, 10  # thousandths of a distance


@dataclass(frozen=True, kw_only=True)
class ExploreAsked:
    """`area` has the corners of a polygon, x and y in turn. `given` and `said` name a cell of the confusion."""

    view: str = "map"
    area: tuple[int, ...] = ()
    emotions: tuple[str, ...] = ()
    given: str = ""
    said: str = ""
    near: int = DEFAULT_NEAR
    page: int = 1
    format: str = ""

    @classmethod
    def read(cls, values: ImmutableMultiDict[str, str]) -> "ExploreAsked":
        """From an address. Raises JobError that names the field."""
        if bool(values.get("given")) != bool(values.get("said")):
            raise wrong("given and said", "given together")
        return cls(
            view=read_choice(values, "view", VIEWS),
            area=read_area(values.get("area", "")),
            emotions=tuple(dict.fromkeys(values.getlist("emotion"))),
            given=values.get("given", ""),
            said=values.get("said", ""),
            near=read_number(values, "near", NEAREST, WIDEST, DEFAULT_NEAR),
            page=read_number(values, "page", 1, 10**6, 1),
            format=read_choice(values, "as", FORMATS),
        )

    def address(self, **changes: object) -> str:
        """The address of this page, or of one that differs in some fields."""
        asked = replace(self, **changes)  # type: ignore[arg-type]
        pairs: list[tuple[str, object]] = [("view", asked.view)]
        pairs += [("area", ",".join(map(str, asked.area)))] if asked.area else []
        pairs += [("emotion", emotion) for emotion in asked.emotions]
        pairs += [(name, value) for name, value in (("given", asked.given), ("said", asked.said)) if value]
        pairs += [("near", asked.near)] if asked.view == "duplicates" else []
        pairs += [("page", asked.page)] if asked.page > 1 else []
        pairs += [("as", asked.format)] if asked.format else []
        return f"/explore?{urlencode(pairs)}"


def read_area(text: str) -> tuple[int, ...]:
    """The corners of a polygon. Raises JobError for anything else."""
    if not text:
        return ()
    parts = text.split(",")
    right = all(part.isascii() and part.isdigit() and len(part) < 6 and int(part) <= SIDE for part in parts)
    if not right or len(parts) % 2 or not 6 <= len(parts) <= 2 * MOST_CORNERS:
        raise wrong("area", f"3 to {MOST_CORNERS} corners, x and y in turn, each from 0 to {SIDE}")
    return tuple(map(int, parts))


def scale_places(places: NDArray[np.float32]) -> NDArray[np.uint16]:
    """The (n, 2) places of a map in each direction from MARGIN to SIDE - MARGIN, y downwards."""
    if not len(places):
        return np.zeros((0, 2), np.uint16)
    lowest, highest = places.min(axis=0), places.max(axis=0)
    scaled = (places - lowest) / np.maximum(highest - lowest, 1e-12)
    scaled[:, 1] = 1 - scaled[:, 1]
    return np.asarray(np.rint(MARGIN + scaled * (SIDE - 2 * MARGIN)), dtype=np.uint16)


def inside(places: NDArray[np.uint16], area: tuple[int, ...]) -> NDArray[np.bool_]:
    """Which places are in a polygon, by the rule of odd crossings. A corner or an edge may count or not."""
    x, y = places[:, 0].astype(float), places[:, 1].astype(float)
    corners = np.array(area, dtype=float).reshape(-1, 2)
    result = np.zeros(len(places), bool)
    for (x1, y1), (x2, y2) in zip(corners, np.roll(corners, 1, axis=0), strict=True):
        if y1 != y2:
            crosses = (y1 > y) != (y2 > y)
            result ^= crosses & (x < (x2 - x1) * (y - y1) / (y2 - y1) + x1)
    return result


def select(found: Exploration, asked: ExploreAsked) -> NDArray[np.int64]:
    """The positions of the pictures that are selected, by path; all of them without an area, emotions or a cell.

    Raises JobError for an emotion that no picture has.
    """
    collection = found.collection
    names = collection.names
    for emotion in (*asked.emotions, asked.given, asked.said):
        if emotion and emotion not in names:
            raise no_such_emotion(emotion, names)
    chosen = np.ones(len(collection), bool)
    if asked.area:
        chosen &= inside(scale_places(found.places), asked.area)
    if asked.emotions:
        chosen &= np.isin(collection.emotions.astype(str), asked.emotions)
    if asked.given:
        chosen &= collection.codes == names.index(asked.given)
    if asked.said:
        chosen &= found.vote.said == names.index(asked.said)
    positions = np.flatnonzero(chosen).tolist()
    return np.array(sorted(positions, key=lambda each: collection.filepaths[each]), dtype=np.int64)
