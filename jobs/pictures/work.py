"""What a picture file asks of its decoder, from its bytes and its header: small ones can take minutes, or a gigabyte.

All limits hold before anything is decoded, so that no decoder has to be ended: what passes takes less than 10 s and
512 MB. The figures are measured with Pillow 12 on one core, and are the worst that the format allows.

JPEG: a progressive picture is decoded once a scan, and nothing limits their number: ITU-T T.81, annex G.
PNG: its rows are in one zlib stream, which may end early: https://www.w3.org/TR/png-3/#10Compression
"""

import struct
import zlib
from collections.abc import Iterator
from itertools import islice

from PIL import Image

LONGEST_SIDE = 65_535  # JPEG's own limit. Pillow keeps a pointer for each row
MOST_SCANNED_PIXELS = 1_100_000_000  # pixels times scans: about 10 s. Usual are 1 to 12 scans
START_OF_SCAN = b"\xff\xda"
MOST_MARKERS = 2_000_000  # of a JPEG, each about a microsecond. Usual are less than 100, and those of restarts
MOST_CHUNKS = 200_000  # of a PNG, 12 bytes and six microseconds each. Usual are less than 100
MOST_BLOCKS = 1_000_000  # of a GIF before its first picture: each up to 0.5 microseconds, and 180 bytes that are kept
MOST_MEMORY = 512_000_000
ONE_BYTE_MODES = ("1", "L", "P")  # all others take four a pixel in Pillow
WEBP_BYTES = 16  # a pixel, more than any other: libwebp keeps two canvases and a frame besides Pillow's own
COEFFICIENT_BYTES = 2  # a pixel and channel: of a progressive JPEG, libjpeg keeps all until the last scan
PIECE = 64 * 1024
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by the colour type
PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))  # Adam7


def find_long_header(data: bytes) -> str | None:
    """Why a file must not even be opened: Pillow needs minutes for so many parts. None where it may."""
    if len(data) <= MOST_MARKERS:
        return None  # most files: not enough bytes for that
    if data[:2] == b"\xff\xd8" and data.count(b"\xff") - data.count(b"\xff\x00") > MOST_MARKERS:
        return "it has more segments than a picture needs"
    if data[:4] == b"\x89PNG" and any(True for _ in islice(png_chunks(data), MOST_CHUNKS, None)):
        return "it has more chunks than a picture needs"
    if data[:4] == b"GIF8" and any(True for _ in islice(gif_blocks(data), MOST_BLOCKS, None)):
        return "it has more blocks than a picture needs"
    return None


def find_excess(image: Image.Image, data: bytes, mode: str) -> str | None:
    """Why the bytes of an opened picture must not be decoded and converted to a mode; None where they may."""
    if max(image.size) > LONGEST_SIDE:
        return f"it has a side of more than {LONGEST_SIDE:,} pixels"
    if image.format == "JPEG" and image.width * image.height * data.count(START_OF_SCAN) > MOST_SCANNED_PIXELS:
        return "it has more scans than a picture of its size needs"
    if image.format == "PNG" and not has_all_rows(data):
        return "its data end before its last row"
    if image.width * image.height * WEBP_BYTES > MOST_MEMORY and needed_memory(image, mode) > MOST_MEMORY:
        return f"it needs more than {MOST_MEMORY // 10**6} MB of memory"
    return None


def needed_memory(image: Image.Image, mode: str) -> int:
    """The bytes for decoding an opened picture and converting it."""
    if image.format == "WEBP":
        each = WEBP_BYTES
    else:
        coefficients = COEFFICIENT_BYTES * len(image.getbands()) if image.info.get("progressive") else 0
        each = sum(1 if name in ONE_BYTE_MODES else 4 for name in (image.mode, mode)) + coefficients
    return image.width * image.height * each


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


def gif_blocks(gif: bytes) -> Iterator[int]:
    """The position of each block of the extensions before the first picture: https://www.w3.org/Graphics/GIF/spec-gif89a.txt"""
    at = 13 + (3 << (gif[10] & 7) + 1 if gif[10] & 128 else 0)
    while gif[at : at + 1] == b"!":
        at += 2
        while size := int.from_bytes(gif[at : at + 1]):
            yield at
            at += 1 + size
        yield at
        at += 1


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
