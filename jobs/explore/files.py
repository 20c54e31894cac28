"""An exploration as files: CSV for people, Parquet with the columns that Embedding Atlas takes."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from jobs.explore.exploration import Exploration
from jobs.state import atomic_file

SUSPECTS = ("id", "filepath", "emotion", "share", "suspected", "suspected_share", "neighbors")
DUPLICATES = ("kind", "group", "distance", "id", "filepath", "emotion")
MAP = ("id", "filepath", "emotion", "x", "y")


def suspect_rows(found: Exploration) -> Iterator[tuple[object, ...]]:
    """The suspected labels, the least supported first."""
    collection, vote = found.collection, found.vote
    for position in found.suspects().tolist():
        neighbours = " ".join(map(str, collection.ids[found.near.positions[position]].tolist()))
        yield (
            int(collection.ids[position]),
            collection.filepaths[position],
            collection.emotions[position],
            round(float(vote.own[position]), 4),
            collection.names[int(vote.said[position])],
            round(float(vote.share[position]), 4),
            neighbours,
        )


def duplicate_rows(found: Exploration) -> Iterator[tuple[object, ...]]:
    """Each picture of each group of duplicates."""
    collection = found.collection
    for number, twins in enumerate(found.twins(), 1):
        for position in twins.positions:
            named = (int(collection.ids[position]), collection.filepaths[position], collection.emotions[position])
            yield (twins.kind, number, round(twins.distance, 6), *named)


def map_rows(found: Exploration, positions: NDArray[np.int64]) -> Iterator[tuple[object, ...]]:
    """Pictures with their places on the map."""
    collection = found.collection
    for position in positions.tolist():
        x, y = found.places[position].tolist()
        yield (int(collection.ids[position]), collection.filepaths[position], collection.emotions[position], x, y)


def confusion_rows(found: Exploration) -> Iterator[tuple[object, ...]]:
    """One row for each given emotion: the counts of what the neighbours say, and its recall."""
    for name, cells, recall in zip(
        found.collection.names, found.confusion.cells.tolist(), found.confusion.recalls.tolist(), strict=True
    ):
        yield (name, *cells, round(recall, 4))


def map_parquet(found: Exploration, positions: NDArray[np.int64]) -> bytes:
    """Pictures with their places and neighbors, as Parquet: https://apple.github.io/embedding-atlas/tool.html"""
    collection, near = found.collection, found.near
    neighbors = [
        {"ids": collection.ids[near.positions[each]].tolist(), "distances": near.distances[each].tolist()}
        for each in positions.tolist()
    ]
    table = pa.table(
        {
            "id": pa.array(collection.ids[positions]),
            "filepath": [collection.filepaths[each] for each in positions.tolist()],
            "emotion": pa.array(collection.emotions[positions].tolist(), pa.string()),
            "x": pa.array(found.places[positions, 0]),
            "y": pa.array(found.places[positions, 1]),
            "neighbors": pa.array(
                neighbors, pa.struct([("ids", pa.list_(pa.int64())), ("distances", pa.list_(pa.float32()))])
            ),
        }
    )
    stream = BytesIO()
    pq.write_table(table, stream)
    return stream.getvalue()


def write_files(found: Exploration, folder: Path) -> list[str]:
    """Write every file into the folder. Returns their paths."""
    everything = np.arange(len(found.collection))
    tables: dict[str, tuple[Sequence[str], Iterable[Sequence[object]]]] = {
        "map.csv": (MAP, map_rows(found, everything)),
        "suspects.csv": (SUSPECTS, suspect_rows(found)),
        "duplicates.csv": (DUPLICATES, duplicate_rows(found)),
        "confusion.csv": (("given", *found.collection.names, "recall"), confusion_rows(found)),
    }
    for name, (header, rows) in tables.items():
        with atomic_file(folder / name) as new, new.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([header, *rows])
    with atomic_file(folder / "map.parquet") as new:
        new.write_bytes(map_parquet(found, everything))
    return [str(folder / name) for name in (*tables, "map.parquet")]
