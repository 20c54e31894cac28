"""Remember picture files that cannot be used, so that later runs report them without reading them again."""

import PIL
from psycopg2.extensions import connection

from jobs.embed.selection import Selection
from jobs.embed.write import commit_step
from jobs.pictures.read import is_lasting
from jobs.pictures.scan import FileStat, Picture, SkippedPicture

READER = f"Pillow {PIL.__version__}"
SELECT = """
SELECT filepath, reason, size, mtime_ns, ctime_ns FROM unreadable_picture WHERE folder = %s AND reader = %s
"""
DELETE = "DELETE FROM unreadable_picture WHERE folder = %s AND (%s OR filepath = ANY(%s))"
INSERT = """
INSERT INTO unreadable_picture (folder, filepath, size, mtime_ns, ctime_ns, reader, reason)
VALUES (%s, %s, %s, %s, %s, %s, %s)
"""


def skip_remembered(db: connection, folder: str, selection: Selection) -> Selection:
    """Return the selection with the pictures that were unreadable, and have not changed since, among the failed."""
    with db.cursor() as cursor:
        cursor.execute(SELECT, (folder, READER))
        recorded = {filepath: (reason, FileStat(*stat)) for filepath, reason, *stat in cursor}
    if not recorded:
        return selection
    pictures: list[Picture] = []
    failed = list(selection.failed)
    for picture in selection.pictures:
        reason, stat = recorded.get(picture.filepath, ("", None))
        if stat is not None and stat == picture.stat:
            failed.append(SkippedPicture(picture.filepath, reason))
        else:
            pictures.append(picture)
    return Selection(pictures, sorted(failed))


def remember(
    db: connection, folder: str, selected: list[Picture], failed: list[SkippedPicture], *, complete: bool
) -> None:
    """Record why pictures of a run failed, in place of what was recorded of the `selected` ones.

    `complete`: they are all pictures of the folder, and what is recorded of others is deleted. A reason that may pass
    is not recorded, nor is one of a file that may still change without a change of its times.
    """
    stats = {picture.filepath: picture.stat for picture in selected}
    lasting = [(each, stats.get(each.filepath)) for each in failed if is_lasting(each.reason)]
    rows = [(folder, each.filepath, *stat, READER, each.reason) for each, stat in lasting if stat is not None]
    with db.cursor() as cursor:
        cursor.execute(DELETE, (folder, complete, [picture.filepath for picture in selected]))
        cursor.executemany(INSERT, rows)
    commit_step(db)
