"""Write a small grey picture as PNG. The bytes depend on the pixels only, not on a library's compression."""

import struct
import zlib

SIDE = 48  # pixels, as in FER2013


def png_bytes(pixels: bytes) -> bytes:
    """Return a PNG file of SIDE x SIDE grey values. It is not compressed: 2.4 KB.

    https://www.w3.org/TR/png-3/
    """
    rows = b"".join(b"\0" + pixels[start : start + SIDE] for start in range(0, SIDE * SIDE, SIDE))
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 0, 0, 0, 0)  # 8 bits, grey
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", stored(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return a chunk: its length, kind, data and checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def stored(data: bytes) -> bytes:
    """Return up to 65,535 bytes as a zlib stream of one block that is stored, not compressed (RFC 1950, RFC 1951)."""
    length = struct.pack("<HH", len(data), len(data) ^ 0xFFFF)
    return b"\x78\x01\x01" + length + data + struct.pack(">I", zlib.adler32(data))
