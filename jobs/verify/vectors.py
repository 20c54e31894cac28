"""Whether the laptop's vectors and labels are those of its pictures. Other places are compared with the laptop's."""

from dataclasses import dataclass, field

from psycopg2.extensions import connection

from jobs.embed.picture_files import recorded_files
from jobs.embed.proof import UNRECORDED, compare_rows, sample_rows
from jobs.embed.trust import HAS_UNRECORDED, read_trusted
from jobs.errors import JobError
from jobs.postgres.connection import Database, fetch_value, open_connection
from jobs.provenance import Provenance, has_rows, read_record
from jobs.verify.tables import ADOPT, LAPTOP, Table, first_problems, label, require_tables

RELABEL = "UPDATE imagenes_fer SET emotion = split_part(filepath, '/', 1)"
AGAIN = "`python -m jobs embed DIR --replace` computes all of them again"


@dataclass
class VectorCheck:
    """`computed` vectors were computed again. `not_checked` says what could not be, and why."""

    computed: int = 0
    problems: list[str] = field(default_factory=list)
    not_checked: list[str] = field(default_factory=list)


def check_vectors(laptop: Database) -> VectorCheck:
    """Compute some of the laptop's vectors again, with the recorded weights. A stale record is proved, and bound.

    Raises JobError if the laptop has no table.
    """
    check = VectorCheck()
    with open_connection(laptop) as db:
        require_tables(LAPTOP, db)
        if not has_rows(db):
            return check
        record = read_record(db)
        if record is None:
            check.problems.append(f"{LAPTOP}: its rows are of unknown weights: {ADOPT}")
            return check
        if not record.bound:
            try:
                read_trusted(db, recorded_files())
            except JobError as error:
                check.problems.append(f"{LAPTOP}: {error}")
                return check
        compare_sample(db, record.provenance, check)
    return check


def compare_sample(db: connection, filled_by: Provenance, check: VectorCheck) -> None:
    """Compare the vectors of a few rows whose pictures are where they were when they were embedded."""
    sampled = sample_rows(db, recorded_files(), by_hash=True)
    if fetch_value(db, HAS_UNRECORDED):
        others = sample_rows(db, recorded_files(), by_hash=True, query=UNRECORDED)
        sampled += others
        if not others:
            check.not_checked.append("rows that `embed` did not write: their pictures are not where the others are")
    if not sampled:
        check.not_checked.append("the laptop's vectors: none of its pictures is where it was, as it was")
        return
    try:
        compared = compare_rows(db, sampled, filled_by)
    except JobError as error:
        check.not_checked.append(f"the laptop's vectors: {error}")
        return
    check.computed = len(compared)
    wrong = [f"{each}: {AGAIN}" for each in compared if not each.proved]
    check.problems += first_problems(f"{LAPTOP}: the vector computed again", wrong)


def label_problems(laptop: Table) -> list[str]:
    """A sentence for each row whose emotion is not the first folder of its path."""
    problems = []
    for id, row in sorted(laptop.rows.items()):
        if "\\" in row.filepath:
            problems.append(f"row {label(laptop, id)} has a path of Windows: `python -m jobs adopt DIR` changes it")
        elif row.filepath.partition("/")[0] != row.emotion:
            problems.append(f"row {label(laptop, id)} has another emotion than its folder: the SQL {RELABEL} ends that")
    return first_problems(laptop.name, problems)
