"""PostgreSQL's binary COPY format, as far as the jobs write it."""

import struct
from collections.abc import Iterable
from io import BytesIO
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Vector: TypeAlias = NDArray[np.float32]
Field: TypeAlias = int | str | bytes | Vector | None

HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
TRAILER = struct.pack(">h", -1)


def payload(rows: Iterable[tuple[Field, ...]]) -> BytesIO:
    """A stream for COPY ... FROM STDIN BINARY. An int is a bigint, a str text, an array a pgvector `vector`."""
    out = BytesIO()
    out.write(HEADER)
    for row in rows:
        out.write(struct.pack(">h", len(row)))
        for value in row:
            data = field(value)
            out.write(struct.pack(">i", -1) if data is None else struct.pack(">i", len(data)) + data)
    out.write(TRAILER)
    out.seek(0)
    return out


def field(value: Field) -> bytes | None:
    """One field's bytes without their length; None is NULL."""
    if value is None or isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, int):
        return struct.pack(">q", value)
    return vector_bytes(value)


def vector_bytes(vector: Vector) -> bytes:
    """What pgvector's vector_send() gives for (d,) float32: the dimension, two zero bytes, the numbers big-endian."""
    return struct.pack(">HH", len(vector), 0) + vector.astype(">f4").tobytes()
