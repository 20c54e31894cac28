"""What filled a table of vectors. It is recorded beside the table, in the Parquet and in every index.

The record beside a table holds the table's oid. A table that was dropped and restored, or renamed, has another one: its
record is stale, and says nothing until some of its vectors are computed again (`jobs/embed/trust.py`).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from psycopg2.extensions import connection

from jobs.errors import ErrorKind, JobError
from jobs.postgres.connection import fetch_value

METADATA_KEYS = ("weights", "weights_sha256", "precision", "network_sha256")
"""The columns of the table `embedding`, and the names in a Parquet's metadata and in an index's JSON."""

PRECISIONS = ("fp32", "bf16", "int8")
HASH = re.compile(r"[0-9a-f]{1,64}")
# Through JSON, because an older database lacks some columns, and another's table `embedding` all of them. A record
# without table_oid is of an older version: the foreign key alone shows that its table is still there.
SELECT = """
SELECT (record ->> 'table_oid')::oid IS NOT DISTINCT FROM to_regclass('imagenes_fer')::oid
    OR NOT record ? 'table_oid', EXISTS (
        SELECT FROM pg_constraint WHERE conrelid = to_regclass('embedded_picture') AND contype = 'f'
        AND confrelid = to_regclass('imagenes_fer')
    ), record ->> 'weights', record ->> 'weights_sha256', record ->> 'precision', record ->> 'network_sha256'
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
        """From a Parquet's metadata or a JSON object; other keys are ignored. None where it says nothing of weights.

        Others may have written it: a hash becomes a part of a file's name, and is one.
        """
        values = [metadata.get(key) for key in METADATA_KEYS]
        weights, sha256, precision, network = values
        known = isinstance(weights, str) and precision in PRECISIONS
        hashes = [isinstance(each, str) and HASH.fullmatch(each) for each in (sha256, network or sha256)]
        return cls.from_row(values) if known and all(hashes) else None

    def to_metadata(self) -> dict[str, str]:
        """As text by METADATA_KEYS, without what is None."""
        values = (self.weights, self.sha256, self.precision, self.network_sha256)
        return {key: value for key, value in zip(METADATA_KEYS, values, strict=True) if value is not None}


@dataclass(frozen=True)
class Record:
    """The record beside a table. `bound`: it was written for the table that now has the name imagenes_fer."""

    provenance: Provenance
    bound: bool


def read_record(db: connection) -> Record | None:
    """The record in a database. None if there is none, or no table `embedding` of ours."""
    if not fetch_value(db, "SELECT to_regclass('embedding') IS NOT NULL"):
        return None
    with db.cursor() as cursor:
        cursor.execute(SELECT)
        same_table, connected, *values = cursor.fetchone() or (False, False)
    provenance = Provenance.from_row(values) if values else None
    return Record(provenance, same_table and connected) if provenance else None


def read_provenance(db: connection) -> Provenance | None:
    """What filled a database's table. None if it was never filled, or if its record is stale."""
    record = read_record(db)
    return record.provenance if record and record.bound else None


def has_rows(db: connection) -> bool:
    """Whether a database has the table, with at least one row."""
    if not fetch_value(db, "SELECT to_regclass('imagenes_fer') IS NOT NULL"):
        return False
    return bool(fetch_value(db, "SELECT EXISTS (SELECT FROM imagenes_fer)"))


def require_provenance(db: connection) -> Provenance:
    """What filled a target's table. Raises JobError if nothing did, or if its rows are of unknown weights."""
    provenance = read_provenance(db)
    if provenance is not None:
        return provenance
    if has_rows(db):
        raise JobError(
            "The weights behind the target's vectors are unknown: run `python -m jobs embed DIR --replace` (or "
            "`python -m jobs adopt DIR`, which keeps the laptop's vectors), then `python -m jobs migrate`.",
            ErrorKind.conflict,
        )
    raise JobError("The target's database holds no vectors: run `python -m jobs migrate`.", ErrorKind.not_found)
