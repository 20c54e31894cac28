"""What a run of `embed` has to do, from the contents of the folder and of the table. Pure."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from jobs.pictures.read import Content
from jobs.pictures.scan import FileStat, Picture


@dataclass(frozen=True)
class Row:
    """A row of the table. `folder` and both hashes are None if it was not written by `embed`.

    `stat` is that of the file when it was hashed, or None if the file was racily clean.
    """

    id: int
    filepath: str
    folder: str | None
    sha256: bytes | None
    md5: bytes | None = None
    stat: FileStat | None = None


@dataclass(frozen=True)
class Work:
    """A row to write: a new one if `row_id` is None. A copy gets the vector of another row with the same content."""

    content: Content
    row_id: int | None
    copy: bool


@dataclass
class Plan:
    """Row ids and contents by what happens to them. `reassigned` rows come from a folder that no longer has their file.

    `stat_changed` rows keep their vector, and get the new FileStat of their file.
    """

    unchanged: list[int] = field(default_factory=list)
    reassigned: list[int] = field(default_factory=list)
    renamed: list[tuple[int, Content]] = field(default_factory=list)
    stat_changed: list[tuple[int, FileStat]] = field(default_factory=list)
    work: list[Work] = field(default_factory=list)
    deleted: list[int] = field(default_factory=list)


def is_unchanged(pictures: list[Picture], recorded: Mapping[str, tuple[int, int, int] | None]) -> bool:
    """Return whether a folder has the recorded files, by path and FileStat, and none of them is racily clean."""
    current = {picture.filepath: picture.stat for picture in pictures}
    return current == recorded and None not in current.values()


class HashCache:
    """The recorded hashes of a folder's files. A file with the FileStat of its row has the same content."""

    def __init__(self, rows: list[Row], folder: str) -> None:
        self._rows = {row.filepath: row for row in rows if row.folder == folder and row.stat}

    def content(self, picture: Picture) -> Content | None:
        """Return the content of a file, or None if it must be read."""
        row = self._rows.get(picture.filepath)
        if row is None or row.stat != picture.stat or row.sha256 is None or row.md5 is None:
            return None
        return Content(picture, row.sha256, row.md5)


def make_plan(
    contents: list[Content],
    rows: list[Row],
    folder: str,
    present: set[str],
    stays: Callable[[Row], bool] = lambda row: False,
) -> Plan:
    """Match by path and content first, then by content only (renamed), then by path only (changed).

    `contents` are sorted by path. `present` is the paths of all picture files of the folder, including those that this
    run does not process (`--limit`): a row whose file is present is neither renamed nor deleted. `stays` says of
    another folder's row with the same content whether it remains that folder's.
    """
    plan = Plan()
    by_path = {row.filepath: row for row in rows}  # the rows that are not matched yet
    unmatched = match_paths(contents, folder, by_path, plan, stays)
    unmatched = match_renames(unmatched, movable_rows(contents, folder, by_path, present), by_path, plan)
    embedded = hashes_to_keep(contents, rows, folder, {content.picture.filepath for content in unmatched})
    for content in unmatched:
        row = by_path.pop(content.picture.filepath, None)
        plan.work.append(Work(content, row.id if row else None, content.sha256 in embedded))
        embedded.add(content.sha256)
    plan.deleted = [row.id for row in by_path.values() if row.folder == folder and row.filepath not in present]
    return plan


def match_paths(
    contents: list[Content], folder: str, by_path: dict[str, Row], plan: Plan, stays: Callable[[Row], bool]
) -> list[Content]:
    """Match rows with the same path and content. Return the contents that have no such row."""
    unmatched = []
    for content in contents:
        row = by_path.get(content.picture.filepath)
        if row is not None and row.sha256 == content.sha256:
            kept = row.folder != folder and stays(row)
            (plan.unchanged if kept or row.folder == folder else plan.reassigned).append(row.id)
            if not kept:
                update_stat(plan, row, content)
            del by_path[row.filepath]
        else:
            unmatched.append(content)
    return unmatched


def movable_rows(contents: list[Content], folder: str, by_path: dict[str, Row], present: set[str]) -> list[Row]:
    """Return the folder's rows whose content has left their path: the file is gone, or has other content now."""
    processed = {content.picture.filepath for content in contents}
    return [
        row
        for row in by_path.values()
        if row.folder == folder and (row.filepath in processed or row.filepath not in present)
    ]


def hashes_to_keep(contents: list[Content], rows: list[Row], folder: str, changing: set[str]) -> set[bytes]:
    """Return the hashes of contents whose vector stays in the table. `changing` is the paths that get a new vector."""
    kept = {content.sha256 for content in contents if content.picture.filepath not in changing}
    others = (row for row in rows if row.folder != folder and row.filepath not in changing)
    return kept | {row.sha256 for row in others if row.sha256}


def match_renames(contents: list[Content], movable: list[Row], by_path: dict[str, Row], plan: Plan) -> list[Content]:
    """Match rows whose file is gone to new paths with the same content. Return the contents that have no such row."""
    orphans: dict[bytes | None, list[Row]] = defaultdict(list)
    for row in sorted(movable, key=lambda row: row.filepath, reverse=True):
        orphans[row.sha256].append(row)
    unmatched = []
    for content in contents:
        if orphans.get(content.sha256):
            row = orphans[content.sha256].pop()
            plan.renamed.append((row.id, content))
            update_stat(plan, row, content)
            del by_path[row.filepath]
        else:
            unmatched.append(content)
    return unmatched


def update_stat(plan: Plan, row: Row, content: Content) -> None:
    """Plan to record a row's new FileStat, so that the next run need not read the file."""
    if content.picture.stat not in (None, row.stat):
        plan.stat_changed.append((row.id, content.picture.stat))
