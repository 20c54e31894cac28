"""The rows of a table that others filled: the paths that they get, and those that are there twice. Mostly pure."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from psycopg2.extensions import connection

from jobs.errors import ErrorKind, JobError
from jobs.postgres.connection import fetch_value
from jobs.postgres.schema import EMPTY_FIELDS

SHOWN = 3  # examples in a sentence
TRAIN = "train"  # the folder above the emotions in FER2013, in any letter case
ROWS = "SELECT id, filepath, emotion, md5(vector_send(vector)) FROM imagenes_fer ORDER BY id"
COUNT_EMPTY = "SELECT count(*) FROM imagenes_fer WHERE filepath IS NULL OR emotion IS NULL OR vector IS NULL"
KEEP_ONE = (
    "DELETE FROM imagenes_fer WHERE id NOT IN "
    r"(SELECT min(id) FROM imagenes_fer GROUP BY replace(filepath, '\', '/'));"
)
RELABEL = r"UPDATE imagenes_fer SET emotion = split_part(replace(filepath, '\', '/'), '/', 1);"


@dataclass(frozen=True)
class FoundRow:
    """A row as it was found. `vector` is the MD5 of its vector's bytes."""

    id: int
    filepath: str
    emotion: str
    vector: str


@dataclass(frozen=True)
class KeptRows:
    """The path that each row gets, by id, and the ids of `duplicates`, which go.

    `unsure` are kept although a duplicate had another vector: which of both is right is not known.
    """

    paths: dict[int, str]
    duplicates: list[int] = field(default_factory=list)
    unsure: frozenset[int] = frozenset()


def read_rows(db: connection) -> list[FoundRow]:
    """Every row. Raises JobError if there is none, or if some have empty fields."""
    empty = fetch_value(db, COUNT_EMPTY)
    if empty:
        raise JobError(
            f"{empty} rows of imagenes_fer have no path, emotion or vector: delete them with the SQL {EMPTY_FIELDS}; "
            "then run the same command again.",
            ErrorKind.invalid,
        )
    with db.cursor() as cursor:
        cursor.execute(ROWS)
        rows = [FoundRow(*values) for values in cursor]
    if not rows:
        raise JobError("The table imagenes_fer is empty: run `python -m jobs embed DIR`.", ErrorKind.not_found)
    return rows


def table_path(filepath: str, emotion: str) -> str:
    """<emotion>/<name> from what a program on any system wrote: with backslashes, absolute, or the name only.

    If the emotion is not among the folders, all of the path is kept, and begins with another folder.
    """
    parts = [part for part in filepath.replace("\\", "/").split("/") if part not in ("", ".")]
    folders = parts[:-1]
    if not folders:
        return "/".join([emotion, *parts])
    if folders[0] == emotion:
        return "/".join(parts)
    splits = [index + 1 for index, name in enumerate(folders) if name.lower() == TRAIN]
    if splits and folders[splits[-1] :][:1] == [emotion]:
        return "/".join(parts[splits[-1] :])
    first = max((index for index, name in enumerate(folders) if name == emotion), default=0)
    return "/".join(parts[first:])


def choose_rows(rows: Iterable[FoundRow]) -> KeptRows:
    """One row of each path: that with the lowest id."""
    by_path: dict[str, list[FoundRow]] = defaultdict(list)
    for row in rows:
        by_path[table_path(row.filepath, row.emotion)].append(row)
    return KeptRows(
        paths={same[0].id: path for path, same in by_path.items()},
        duplicates=[row.id for same in by_path.values() for row in same[1:]],
        unsure=frozenset(same[0].id for same in by_path.values() if len({row.vector for row in same}) > 1),
    )


def check_labels(rows: Iterable[FoundRow]) -> None:
    """Raises JobError for rows whose emotion is not the folder of their picture."""
    wrong = [row for row in rows if table_path(row.filepath, row.emotion).partition("/")[0] != row.emotion]
    if wrong:
        examples = ", ".join(f"{row.id} ({row.filepath}, {row.emotion})" for row in wrong[:SHOWN])
        raise JobError(
            f"{len(wrong)} rows have an emotion that is not a folder of their path, such as {examples}: which is right "
            f"only you know. If the folders are, run this SQL, then the same command again: {RELABEL}",
            ErrorKind.conflict,
        )


def check_duplicates(rows: list[FoundRow], kept: KeptRows) -> None:
    """Raises JobError if there are any, with what keeps one of each path."""
    if not kept.duplicates:
        return
    counts: dict[str, int] = defaultdict(int)
    for row in rows:
        counts[table_path(row.filepath, row.emotion)] += 1
    several = [path for path, count in counts.items() if count > 1]
    examples = ", ".join(f"{path} ({counts[path]} times)" for path in several[:SHOWN])
    same = len({row.filepath.replace("\\", "/") for row in rows}) == len(kept.paths)
    sql = f", and so does this SQL: {KEEP_ONE}" if same else "."
    raise JobError(
        f"{len(several)} paths have several rows, such as {examples}: the same command with --keep-one keeps the first "
        f"row of each and deletes {len(kept.duplicates)} of {len(rows)}{sql}",
        ErrorKind.conflict,
    )
