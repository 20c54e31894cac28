"""What a run of `embed` has to do, from what the folder holds and what the table holds. Pure."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from jobs.pictures.read import Content
from jobs.pictures.scan import FileStat, Picture


@dataclass(frozen=True)
class Row:
    """A row of the table. `folder` and both hashes are None where somebody else wrote it.

    `stamp` is that of the file whose bytes gave the hashes; None where it was not to be trusted.
    """

    id: int
    filepath: str
    folder: str | None
    sha256: bytes | None
    md5: bytes | None = None
    stat: FileStat | None = None


@dataclass(frozen=True)
class Work:
    """A row to be written: of a new id, or of the row that has this path. A copy takes a vector that is known."""

    content: Content
    row_id: int | None
    copy: bool


@dataclass
class Plan:
    """Row ids and contents by what becomes of them. `adopted` rows came from another folder and are unchanged.

    `stamped` rows keep their vector; the stamp of their file is another by now, and worth to be kept.
    """

    unchanged: list[int] = field(default_factory=list)
    reassigned: list[int] = field(default_factory=list)
    renamed: list[tuple[int, Content]] = field(default_factory=list)
    stat_changed: list[tuple[int, FileStat]] = field(default_factory=list)
    work: list[Work] = field(default_factory=list)
    deleted: list[int] = field(default_factory=list)


def is_unchanged(pictures: list[Picture], stamps: Mapping[str, tuple[int, int, int] | None]) -> bool:
    """Whether a folder holds what it held: the same files by path and stamp, each stamp one to be trusted."""
    there = {picture.filepath: picture.stat for picture in pictures}
    return there == stamps and None not in there.values()


class HashCache:
    """What the rows of a folder say of its files: a file whose stamp is its row's holds what it held."""

    def __init__(self, rows: list[Row], folder: str) -> None:
        self._rows = {row.filepath: row for row in rows if row.folder == folder and row.stat}

    def content(self, picture: Picture) -> Content | None:
        """The content of a file that need not be read, or None."""
        row = self._rows.get(picture.filepath)
        if row is None or row.stat != picture.stat or row.sha256 is None or row.md5 is None:
            return None
        return Content(picture, row.sha256, row.md5)


def make_plan(contents: list[Content], rows: list[Row], folder: str, present: set[str]) -> Plan:
    """Match by path and content first, then by content alone (renamed), then by path alone (changed).

    `contents` are sorted by path. `present` are the paths of all picture files of the folder, those too that are not
    looked at in this run: a row whose file is present is neither renamed nor gone.
    """
    made = Plan()
    by_path = {row.filepath: row for row in rows}
    left = []
    for content in contents:
        row = by_path.get(content.picture.filepath)
        if row is not None and row.sha256 == content.sha256:
            (made.unchanged if row.folder == folder else made.reassigned).append(row.id)
            update_stat(made, row, content)
            del by_path[row.filepath]
        else:
            left.append(content)
    seen = {content.picture.filepath for content in contents}
    ours = [
        row
        for row in by_path.values()
        if row.folder == folder and (row.filepath in seen or row.filepath not in present)
    ]
    left = match_renames(left, ours, by_path, made)
    open_paths = {content.picture.filepath for content in left}
    known = {content.sha256 for content in contents if content.picture.filepath not in open_paths}
    known |= {row.sha256 for row in rows if row.folder != folder and row.filepath not in open_paths and row.sha256}
    for content in left:
        row = by_path.pop(content.picture.filepath, None)
        made.work.append(Work(content, row.id if row else None, content.sha256 in known))
        known.add(content.sha256)
    made.deleted = [row.id for row in by_path.values() if row.folder == folder and row.filepath not in present]
    return made


def match_renames(left: list[Content], ours: list[Row], by_path: dict[str, Row], made: Plan) -> list[Content]:
    """Give the content of files that are gone to new paths; what is left has no row of its content."""
    homeless: dict[bytes | None, list[Row]] = defaultdict(list)
    for row in sorted(ours, key=lambda row: row.filepath, reverse=True):
        homeless[row.sha256].append(row)
    still = []
    for content in left:
        if homeless.get(content.sha256):
            row = homeless[content.sha256].pop()
            made.renamed.append((row.id, content))
            update_stat(made, row, content)
            del by_path[row.filepath]
        else:
            still.append(content)
    return still


def update_stat(made: Plan, row: Row, content: Content) -> None:
    """Have a row's stamp brought up to date where that saves the next run a file to read."""
    if content.picture.stat not in (None, row.stat):
        made.stat_changed.append((row.id, content.picture.stat))
