"""What filled a table of vectors. It is recorded beside the table, in the Parquet and in every index."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from psycopg2.extensions import connection

from jobs.errors import ErrorKind, JobError
from jobs.postgres.connection import fetch_value

METADATA_KEYS = ("weights", "weights_sha256", "precision", "network_sha256")
"""The columns of the table `embedding`, and the names in a Parquet's metadata and in an index's JSON."""

# Through JSON, because an older database lacks the column network_sha256, and another's table `embedding` all of them.
SELECT = """
SELECT record ->> 'weights', record ->> 'weights_sha256', record ->> 'precision', record ->> 'network_sha256'
FROM (SELECT to_jsonb(embedding) AS record FROM embedding LIMIT 1) AS recorded
"""


@dataclass(frozen=True)
class Provenance:
    """What filled a table: the name of the weights, the SHA-256 of their file in hexadecimal, and the precision.

    `network_sha256` is the SHA-256 of int8's quantized network. It is None for other precisions and in older records.
    """

    weights: str
    sha256: str
    precision: str
    network_sha256: str | None = None

    @classmethod
    def from_row(cls, row: Sequence[str | None] | None) -> Self | None:
        """From values in the order of METADATA_KEYS. None without a row, or where one of the first three is missing."""
        if row is None or not all(row[:3]):
            return None
        weights, sha256, precision, *network = row
        return cls(str(weights), str(sha256), str(precision), network[0] if network else None)

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, Any]) -> Self | None:
        """From a Parquet's metadata or a JSON object; other keys are ignored. None where it says nothing of weights."""
        return cls.from_row([metadata.get(key) for key in METADATA_KEYS])

    def to_metadata(self) -> dict[str, str]:
        """As text by METADATA_KEYS, without what is None."""
        values = (self.weights, self.sha256, self.precision, self.network_sha256)
        return {key: value for key, value in zip(METADATA_KEYS, values, strict=True) if value is not None}


def read_provenance(db: connection) -> Provenance | None:
    """What filled a database's table. None if it was never filled, or has no table `embedding` of ours."""
    if not fetch_value(db, "SELECT to_regclass('embedding') IS NOT NULL"):
        return None
    with db.cursor() as cursor:
        cursor.execute(SELECT)
        return Provenance.from_row(cursor.fetchone())


def require_provenance(db: connection) -> Provenance:
    """What filled a target's table. Raises JobError if nothing did, or if its rows are of unknown weights."""
    provenance = read_provenance(db)
    if provenance is not None:
        return provenance
    has_table = fetch_value(db, "SELECT to_regclass('imagenes_fer') IS NOT NULL")
    if has_table and fetch_value(db, "SELECT EXISTS (SELECT FROM imagenes_fer)"):
        raise JobError(
            "The weights behind the target's vectors are unknown: run `python -m jobs embed DIR --replace`, then "
            "`python -m jobs migrate`.",
            ErrorKind.conflict,
        )
    raise JobError("The target's database holds no vectors: run `python -m jobs migrate`.", ErrorKind.not_found)
