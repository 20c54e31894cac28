"""What a picture file asks of its decoder, from its header: small files can take minutes, or a gigabyte.

JPEG: a progressive picture is decoded once a scan, and nothing limits their number: ITU-T T.81, annex G.
PNG: its rows are in one zlib stream, which may end early: https://www.w3.org/TR/png-3/#10Compression
"""

import struct
import zlib
from collections.abc import Iterator

from PIL import Image

LONGEST_SIDE = 65_535  # JPEG's own limit. Pillow keeps a pointer for each row
MOST_SCANNED_PIXELS = 1_100_000_000  # pixels times scans: about 10 s. Usual are 1 to 12 scans
START_OF_SCAN = b"\xff\xda"
PIECE = 64 * 1024
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by the colour type
PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))  # Adam7


def find_excess(image: Image.Image, data: bytes) -> str | None:
    """Why the bytes of an opened picture, not yet decoded, must not be; None where they may."""
    if max(image.size) > LONGEST_SIDE:
        return f"it has a side of more than {LONGEST_SIDE:,} pixels"
    if image.format == "JPEG" and image.width * image.height * data.count(START_OF_SCAN) > MOST_SCANNED_PIXELS:
        return "it has more scans than a picture of its size needs"
    if image.format == "PNG" and not has_all_rows(data):
        return "its data end before its last row"
    return None


def has_all_rows(png: bytes) -> bool:
    """Whether a PNG's stream holds every row. Its bytes are counted and dropped."""
    chunks = list(png_chunks(png))
    try:
        header = next((content for kind, content in chunks if kind == b"IHDR"), b"")
        width, height, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", header)
        expected = stream_bytes(width, height, depth * CHANNELS[colour], interlace)
        return count_bytes(b"".join(content for kind, content in chunks if kind == b"IDAT"), expected) >= expected
    except (struct.error, KeyError, zlib.error):
        return True


def png_chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The kind and content of each chunk, as far as they are whole."""
    at = 8
    while at + 8 <= len(png):
        size = int.from_bytes(png[at : at + 4], "big")
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + size]
        at += 12 + size


def stream_bytes(width: int, height: int, bits: int, interlace: int) -> int:
    """The bytes of all rows, each with its filter byte."""
    sizes = [(width, height)]
    if interlace:
        sizes = [(-(-(width - x) // dx), -(-(height - y) // dy)) for x, y, dx, dy in PASSES]
    return sum(rows * (1 + -(-columns * bits // 8)) for columns, rows in sizes if columns > 0 and rows > 0)


def count_bytes(stream: bytes, at_most: int) -> int:
    """How many bytes a zlib stream holds, counted up to `at_most`."""
    inflate, count, rest = zlib.decompressobj(), 0, stream
    while count < at_most and not inflate.eof:
        piece = inflate.decompress(rest, PIECE)
        rest = inflate.unconsumed_tail
        count += len(piece)
        if not piece and not rest:
            break
    return count
