"""What filled the lake's Parquet: its own metadata say so, or the database that it was copied from.

The local runner writes the metadata. Data Factory cannot: its copy has the columns, and nothing else.
"""

from psycopg2.extensions import connection
from pyarrow.parquet import ParquetFile

from jobs.errors import ErrorKind, JobError
from jobs.postgres.connection import open_connection
from jobs.postgres.copy import encode_vector
from jobs.postgres.rows import Rows
from jobs.provenance import Provenance, require_provenance
from jobs.storage import lake
from jobs.target import Target

SAME = "SELECT count(*) FROM imagenes_fer WHERE id = ANY(%s) AND vector_send(vector) = ANY(%s)"


def find_provenance(target: Target, file: ParquetFile) -> Provenance:
    """The provenance of the Parquet's vectors.

    Without metadata it is that of the target's database, if the Parquet's first rows are there bit for bit. Raises
    JobError if they are not: then the vectors may come from other weights.
    """
    provenance = Provenance.from_metadata(lake.parquet_metadata(file))
    if provenance is not None:
        return provenance
    with open_connection(target) as db:
        provenance = require_provenance(db)
        first = next(lake.read_rows(file), None)
        if first is not None and not are_in_database(db, first):
            raise JobError(
                f"The Parquet holds other vectors than the target's database: {lake.RUN_PIPELINE}.", ErrorKind.conflict
            )
    return provenance


def are_in_database(db: connection, rows: Rows) -> bool:
    """Whether the database has all of these rows with these vectors."""
    with db.cursor() as cursor:
        cursor.execute(SAME, (rows.ids.tolist(), [encode_vector(vector) for vector in rows.vectors]))
        return bool(cursor.fetchone() == (len(rows.ids),))
