"""When the record beside a table is trusted: if it was written for this table, or if its vectors prove it."""

import hashlib

from psycopg2.extensions import connection

from jobs import terminal
from jobs.embed.picture_files import PictureFiles
from jobs.embed.proof import UNRECORDED, Comparison, compare_rows, sample_rows
from jobs.errors import ErrorKind, JobError
from jobs.postgres.connection import fetch_value
from jobs.postgres.schema import connect_table
from jobs.provenance import Provenance, has_rows, read_record, require_provenance

STALE = "The record of the weights is of another table (imagenes_fer was dropped, restored or renamed since)"
HAS_UNRECORDED = """
SELECT EXISTS (
    SELECT FROM imagenes_fer i WHERE NOT EXISTS (SELECT FROM embedded_picture e WHERE e.image_id = i.id)
)
"""
RECORDED_FILES = """
SELECT e.image_id, i.filepath, e.folder, e.sha256
FROM embedded_picture e JOIN imagenes_fer i ON i.id = e.image_id
"""
BIND = """
UPDATE embedding SET table_oid = 'imagenes_fer'::regclass,
    last_id = greatest(last_id, (SELECT max(id) FROM imagenes_fer))
"""


def read_trusted(db: connection, files: PictureFiles, weights: str | None = None) -> Provenance | None:
    """What filled the table; None if there is no record. A stale record is proved first, and bound to the table.

    Rows that were not written by `embed` are compared too, where their pictures are found. Raises JobError if the
    record cannot be proved, or if it is wrong. `weights` is a file, for weights that have moved.
    """
    record = read_record(db)
    if record is None:
        return None
    if not record.bound:
        prove_record(db, record.provenance, files, weights)
        bind_record(db, files)
        db.commit()
    elif fetch_value(db, HAS_UNRECORDED):
        sampled = sample_rows(db, files, by_hash=True, query=UNRECORDED)
        require_agreement(compare_rows(db, sampled, record.provenance, weights), record.provenance, files)
    return record.provenance


def require_trusted(db: connection, files: PictureFiles, weights: str | None = None) -> Provenance:
    """What filled a target's table. One query if its record is bound to it; else the record is proved first.

    Raises JobError if nothing filled the table, if its rows are of unknown weights, or not what their record says.
    """
    record = read_record(db)
    if record and not record.bound and has_rows(db):
        prove_record(db, record.provenance, files, weights)
        bind_record(db, files)
        db.commit()
    return require_provenance(db)


def prove_record(
    db: connection, filled_by: Provenance, files: PictureFiles, weights: str | None = None
) -> list[Comparison]:
    """Compute vectors of a table with a stale record again. Raises JobError if none can be, or if they differ."""
    if not has_rows(db):
        return []
    sampled = sample_rows(db, files, by_hash=False)
    if not sampled:
        raise JobError(
            f"{STALE}, and none of its pictures is here to compute a vector again: {files.ways}.", ErrorKind.conflict
        )
    try:
        compared = compare_rows(db, sampled, filled_by, weights)
    except JobError as error:
        raise JobError(f"{STALE}, and it cannot be proved: {error} Or {files.ways}.", ErrorKind.conflict) from error
    require_agreement(compared, filled_by, files)
    terminal.log(f"{STALE}: {len(compared)} vectors computed again agree with it.")
    return compared


def require_agreement(compared: list[Comparison], filled_by: Provenance, files: PictureFiles) -> None:
    """Raises JobError if a row has another vector than its picture gives."""
    wrong = [each for each in compared if not each.proved]
    if wrong:
        raise JobError(
            f"The record says that {filled_by.weights} weights in {filled_by.precision} filled the table, and that is "
            f"not so: {wrong[0]} ({len(wrong)} of the {len(compared)} vectors that were computed again differ). "
            f"If these are the table's pictures, its vectors are of other weights: {files.ways}.",
            ErrorKind.conflict,
        )


def bind_record(db: connection, files: PictureFiles) -> None:
    """Record that the table is the one that was proved. The caller commits.

    Hashes were recorded by id, for the table before. Those that are not of the file at the row's path are deleted, so
    that `embed` computes these rows again.
    """
    connect_table(db)
    with db.cursor() as cursor:
        cursor.execute(RECORDED_FILES)
        wrong = [id for id, path, folder, sha256 in cursor.fetchall() if not has_hash(files, path, folder, sha256)]
        cursor.execute("DELETE FROM embedded_picture WHERE image_id = ANY(%s)", (wrong,))
        cursor.execute(BIND)


def has_hash(files: PictureFiles, filepath: str, folder: str, sha256: bytes) -> bool:
    """Whether the file of a row has the recorded hash."""
    data = files.read(filepath, folder)
    return data is not None and hashlib.sha256(data).digest() == bytes(sha256)
