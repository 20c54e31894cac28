"""adopt: take over a table that others filled, in one transaction. Its vectors stay, because they are proved.

For the original tutorial's table, the old Azure database, and tables that pg_restore brought.
"""

import time
from collections.abc import Container
from dataclasses import dataclass, field
from pathlib import Path

from psycopg2.extensions import connection

from jobs.adopt.pictures import RowPictures, hash_pictures, match_pictures
from jobs.adopt.rows import KeptRows, check_duplicates, check_labels, choose_rows, read_rows
from jobs.adopt.write import complete_schema, write_paths, write_record
from jobs.embed import weights as model_weights
from jobs.embed.options import resolve_weights
from jobs.embed.picture_files import source_files
from jobs.embed.prepare import read_sample
from jobs.embed.proof import Comparison, compare_rows, sample_rows
from jobs.errors import ErrorKind, JobError
from jobs.postgres.columns import Fix, require_columns
from jobs.postgres.connection import Database, acquire_lock, fetch_value, open_connection
from jobs.postgres.schema import widen_columns
from jobs.provenance import Provenance, read_record
from jobs.target import Target

SAMPLE = 20  # vectors that are computed again: a tenth of the rows that is wrong is found with 88 percent


@dataclass(frozen=True, kw_only=True)
class AdoptOptions:
    """`weights` and `precision` None: those of the record, if there is one, else ImageNet's in fp32.

    `keep_one` deletes all rows of a path but the first. `dry_run` changes nothing.
    """

    weights: str | None = None
    precision: str | None = None
    keep_one: bool = False
    dry_run: bool = False


@dataclass(frozen=True, kw_only=True)
class AdoptResult:
    """`rows` that the table has now. `vectors_computed` were computed again, and agree to at least `lowest_agreement`.

    `with_picture` rows have their picture in DIR, `without_picture` do not; `new_pictures` of DIR have no row.
    `vectors_unsure`: of duplicates with different vectors, which the next `embed` computes again.
    `columns_changed` is the SQL that ran. With `dry_run` all of it is what would have been done.
    """

    rows: int
    paths_changed: int
    duplicates_deleted: int
    vectors_computed: int
    lowest_agreement: float
    with_picture: int
    without_picture: int
    vectors_unsure: int
    new_pictures: int
    weights: str
    weights_sha256: str
    precision: str
    columns_changed: list[str] = field(default_factory=list)
    dry_run: bool = False
    seconds: float = 0.0

    def summary(self) -> str:
        done = "would be adopted; nothing was changed (dry run)" if self.dry_run else "adopted"
        changes = f"{self.paths_changed} paths changed, {self.duplicates_deleted} duplicates deleted"
        proof = f"{self.vectors_computed} vectors computed again with {self.weights} weights in {self.precision}"
        pictures = f"{self.with_picture} rows have their picture in DIR, {self.without_picture} do not"
        lines = [f"{self.rows} rows {done}: {changes} ({self.seconds:.1f} s)"]
        lines += [f"{proof} agree to {self.lowest_agreement:.6f} or more"]
        lines += [f"{pictures}; {self.new_pictures} pictures have no row: `python -m jobs embed DIR` adds them"]
        if self.vectors_unsure:
            lines += [
                f"{self.vectors_unsure} duplicates had different vectors: `python -m jobs embed DIR` computes them"
            ]
        return "\n".join(lines + [f"  {sql}" for sql in self.columns_changed])


def adopt_table(database: Database, pictures: Path | Target, options: AdoptOptions) -> AdoptResult:
    """Take over the table of a database. `pictures` is their folder, or the target whose container has them.

    Raises JobError, and changes nothing, if the table's columns, paths or labels cannot be used, if it has duplicates
    that are to be kept, or if its vectors are not those of the weights.
    """
    started = time.perf_counter()
    with open_connection(database) as db:
        acquire_lock(db, "embed")
        if fetch_value(db, "SELECT to_regclass('imagenes_fer') IS NULL"):
            raise no_table(db)
        problems = require_columns(db, (Fix.widen, Fix.cast))
        widen_columns(db, problems)
        rows = read_rows(db)
        check_labels(rows)
        kept = choose_rows(rows)
        if not options.keep_one:
            check_duplicates(rows, kept)
        matched = match_pictures(pictures, kept.paths.values())
        changed = write_paths(db, rows, kept)
        complete_schema(db)
        filled_by = choose_provenance(db, matched, options)
        compared = prove_table(db, matched, filled_by, {kept.paths[id] for id in kept.unsure})
        write_record(db, filled_by, kept, hash_pictures(matched), matched.source.name)
        if options.dry_run:
            db.rollback()
        else:
            db.commit()
    return AdoptResult(
        **describe_rows(kept, matched),
        paths_changed=changed,
        vectors_computed=len(compared),
        lowest_agreement=round(min(each.agreement for each in compared), 9),
        weights=filled_by.weights,
        weights_sha256=filled_by.sha256,
        precision=filled_by.precision,
        columns_changed=[problem.sql for problem in problems],
        dry_run=options.dry_run,
        seconds=round(time.perf_counter() - started, 3),
    )


def no_table(db: connection) -> JobError:
    """The error for a database without the table."""
    return JobError(
        f"The database {db.info.dbname} has no table imagenes_fer: name the one that has with --source URL, or fill a "
        "new table with `python -m jobs embed DIR`.",
        ErrorKind.not_found,
    )


def describe_rows(kept: KeptRows, matched: RowPictures) -> dict[str, int]:
    """The counts of a result."""
    return {
        "rows": len(kept.paths),
        "duplicates_deleted": len(kept.duplicates),
        "with_picture": len(matched.found),
        "without_picture": matched.without,
        "vectors_unsure": len(kept.unsure),
        "new_pictures": matched.others,
    }


def choose_provenance(db: connection, matched: RowPictures, options: AdoptOptions) -> Provenance:
    """What may have filled the table: what the options say, else its record, else ImageNet's weights in fp32."""
    record = read_record(db)
    if record and options.weights is None and options.precision in (None, record.provenance.precision):
        return record.provenance
    if options.precision == "int8":
        raise JobError(
            "A table in int8 can be adopted with its record only, which names its quantized network: leave --precision "
            "out, or run `python -m jobs embed DIR --replace --precision int8`.",
            ErrorKind.invalid,
        )
    chosen = resolve_weights(
        options.weights or "imagenet", lambda count: read_sample(matched.found, count, matched.source.read)
    )
    model_weights.remember(chosen)
    return Provenance(chosen.name, chosen.sha256, options.precision or "fp32")


def prove_table(
    db: connection, matched: RowPictures, filled_by: Provenance, unsure: Container[str]
) -> list[Comparison]:
    """Compute some vectors again, but those of `unsure` paths.

    Raises JobError if one differs, or if no picture can be read.
    """
    files = source_files(matched.source, [each for each in matched.found if each.filepath not in unsure])
    sampled = sample_rows(db, files, SAMPLE, by_hash=False)
    if not sampled:
        raise JobError(
            "None of the rows' pictures can be read, so that no vector can be computed again: name a folder with "
            "complete JPEG or PNG files.",
            ErrorKind.invalid,
        )
    compared = compare_rows(db, sampled, filled_by)
    wrong = [each for each in compared if not each.proved]
    if wrong:
        raise JobError(
            f"{len(wrong)} of {len(compared)} vectors are not those of their pictures with {filled_by.weights} weights "
            f"in {filled_by.precision}: {wrong[0]}. Nothing was changed: name the weights with --weights FILE, or "
            "compute all vectors again with `python -m jobs embed DIR --replace` (and the same --source).",
            ErrorKind.conflict,
        )
    return compared
