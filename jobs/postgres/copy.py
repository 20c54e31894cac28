"""PostgreSQL's binary COPY format, for the types that the jobs write."""

import struct
from collections.abc import Iterable
from io import BytesIO
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Vector: TypeAlias = NDArray[np.float32]
Field: TypeAlias = int | str | bytes | Vector | None

HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
COUNT, LENGTH = struct.Struct(">h").pack, struct.Struct(">i").pack
BIGINT, DIMENSION = struct.Struct(">iq").pack, struct.Struct(">HH").pack
NULL, TRAILER = LENGTH(-1), COUNT(-1)


def copy_stream(rows: Iterable[tuple[Field, ...]]) -> BytesIO:
    """A stream for COPY ... FROM STDIN BINARY. An int is a bigint, a str is text, an array is a pgvector `vector`."""
    parts = [HEADER]
    for row in rows:
        parts.append(COUNT(len(row)))
        parts += map(encode_field, row)
    parts.append(TRAILER)
    return BytesIO(b"".join(parts))


def encode_field(value: Field) -> bytes:
    """One field: its length (-1 for None) and its bytes."""
    if isinstance(value, int):
        return BIGINT(8, value)
    if value is None:
        return NULL
    if isinstance(value, str):
        value = value.encode()
    elif not isinstance(value, bytes):
        value = encode_vector(value)
    return LENGTH(len(value)) + value


def encode_vector(vector: Vector) -> bytes:
    """What pgvector's vector_send() returns for (d,) float32: the dimension, two zero bytes, the numbers big-endian."""
    return DIMENSION(len(vector), 0) + vector.astype(">f4").tobytes()
