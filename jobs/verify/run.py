"""Compare the laptop's table with its pictures, the target's table, the Parquet, and the copies of the pictures.

Nothing is changed but a stale record that is proved. Only a few pictures are downloaded: listings have the size and
MD5 of all.
"""

import time
from dataclasses import dataclass, field

from jobs.errors import JobError
from jobs.notice import say_if_slow
from jobs.postgres.connection import Database
from jobs.target import Target
from jobs.verify.pictures import Comparison, compare_pictures
from jobs.verify.tables import LAPTOP, Table, compare_tables, read_parquet, read_table
from jobs.verify.vectors import check_vectors, label_problems

SAMPLE = 20


@dataclass(kw_only=True)
class VerifyResult:
    """`ok` if `problems` is empty. `images` are rows whose picture is in the lake, `missing_images` those without;
    `extra_images` are pictures in the lake without a row, which is not a problem.

    Of the files in Blob Storage and the lake together, `pictures_by_md5` were compared by the MD5 in the listing,
    `pictures_by_size` only by their size, and `pictures_read` were read completely. `vectors_computed` of the laptop's
    vectors were computed again from their pictures, and compared. `not_checked` says what was not, and why.
    """

    ok: bool = False
    rows_source: int = 0
    rows_database: int = 0
    rows_parquet: int = 0
    images: int = 0
    missing_images: int = 0
    extra_images: int = 0
    pictures_by_md5: int = 0
    pictures_by_size: int = 0
    pictures_read: int = 0
    vectors_identical: bool = False
    vectors_computed: int = 0
    not_checked: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def summary(self) -> str:
        rows = f"{self.rows_source} rows on the laptop, {self.rows_database} in the target database"
        lake = f"{self.rows_parquet} in the Parquet; {self.images} pictures in the lake, {self.missing_images} missing"
        same = "every vector is identical" if self.vectors_identical else "vectors differ"
        how = f"{self.pictures_by_md5} files by MD5, {self.pictures_by_size} by size, {self.pictures_read} read whole"
        how += f"; {self.vectors_computed} vectors computed again"
        verdict = "All places agree" if self.ok else "The places do not agree"
        lines = [f"  {problem}" for problem in self.problems] + [f"  Not checked: {each}" for each in self.not_checked]
        return "\n".join([f"{verdict}: {rows}, {lake}; {same}; {how}", *lines])


def verify_target(target: Target, source: Database, sample: int = SAMPLE) -> VerifyResult:
    """Compare the database `source` with everything on the target. Reads `sample` pictures of each container."""
    started = time.perf_counter()
    result = VerifyResult()
    check = check_vectors(source)
    result.vectors_computed, result.not_checked, result.problems = check.computed, check.not_checked, check.problems
    with say_if_slow("Reading the two tables"):
        laptop, database = read_table(LAPTOP, source), read_table("target database", target)
    result.problems += label_problems(laptop)
    parquet = Table(name="Parquet")
    result.problems += compare_tables(laptop, database)
    try:
        read_parquet(target, parquet)
        # Data Factory cannot write the metadata. Equal vectors then prove equal provenance.
        parquet.provenance = parquet.provenance or laptop.provenance
        result.problems += compare_tables(laptop, parquet)
    except JobError as error:
        parquet.rows.clear()
        result.problems.append(f"Parquet: {error}")
    result.rows_source, result.rows_database, result.rows_parquet = map(len, (laptop.rows, database.rows, parquet.rows))
    stored = [{id: row.vector for id, row in table.rows.items()} for table in (laptop, database, parquet)]
    result.vectors_identical = stored[0] == stored[1] == stored[2]
    with say_if_slow("Comparing the pictures in Blob Storage and in the lake"):
        add_comparison(result, compare_pictures(target, laptop, sample))
    result.ok = not result.problems
    result.seconds = round(time.perf_counter() - started, 3)
    return result


def add_comparison(result: VerifyResult, pictures: Comparison) -> None:
    """Copy the comparison of the pictures into the result."""
    result.images, result.missing_images, result.extra_images = pictures.images, pictures.missing, pictures.extra
    result.pictures_by_md5, result.pictures_by_size = pictures.by_md5, pictures.by_size
    result.pictures_read = pictures.read
    result.problems += pictures.problems
