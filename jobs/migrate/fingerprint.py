"""Fingerprints of rows: 128 bits that change with any bit of any row. Those of the parts add up to the table's."""

from collections.abc import Iterable
from decimal import Decimal
from typing import TypeAlias

from psycopg2.extensions import connection

Fingerprint: TypeAlias = tuple[int, Decimal, Decimal]

# A sum of hashes needs no order and no memory, whatever the number of rows.
SUMS = """
SELECT count(*), coalesce(sum({first}), 0), coalesce(sum({second}), 0) FROM (
    SELECT vector_send(vector) || convert_to(concat_ws('/', id, emotion, filepath), 'UTF8') AS bytes
    FROM {table} WHERE {where}
) AS rows
"""
# The hash function of PostgreSQL 18 is three times as fast as MD5. It gives a bigint for each seed.
FAST = {"first": "hashbyteaextended(bytes, 0)", "second": "hashbyteaextended(bytes, 1)"}
MD5 = {
    "first": "('x' || left(md5(bytes), 16))::bit(64)::bigint",
    "second": "('x' || right(md5(bytes), 16))::bit(64)::bigint",
}
FAST_SINCE = 180000


def choose_hashes(*servers: connection) -> dict[str, str]:
    """The fastest hashes that all of the servers have."""
    return FAST if all(server.server_version >= FAST_SINCE for server in servers) else MD5


def table_fingerprint(
    db: connection, hashes: dict[str, str], table: str = "imagenes_fer", where: str = "true"
) -> Fingerprint:
    """The number of rows and two sums of their hashes."""
    with db.cursor() as cursor:
        cursor.execute(SUMS.format(table=table, where=where, **hashes))
        rows, first, second = cursor.fetchone() or (0, 0, 0)
    return rows, Decimal(first), Decimal(second)


def sum_fingerprints(parts: Iterable[Fingerprint]) -> Fingerprint:
    """The fingerprint of all parts together."""
    rows, first, second = 0, Decimal(0), Decimal(0)
    for part in parts:
        rows, first, second = rows + part[0], first + part[1], second + part[2]
    return rows, first, second
