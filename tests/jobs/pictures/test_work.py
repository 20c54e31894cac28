"""Small files that ask for minutes or a gigabyte, and streams that end early: a reason, before they are decoded."""

import io
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from jobs.pictures import work
from jobs.pictures.read import UnreadableError, decode_image

MODES = ["1", "L", "LA", "I;16", "P", "RGB", "RGBA"]


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, rows: bytes, colour: int = 0, interlace: int = 0) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, interlace)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def progressive_jpeg(side: int, scans: int) -> bytes:
    """A progressive picture whose last scan is repeated."""
    stream = io.BytesIO()
    Image.effect_noise((side, side), 50).save(stream, "JPEG", progressive=True, quality=30)
    data = stream.getvalue()
    last = data.rindex(work.START_OF_SCAN)
    return data[:-2] + data[last:-2] * scans + data[-2:]


def test_repeated_scans_are_refused() -> None:
    assert decode_image(progressive_jpeg(200, 10), "L").size == (200, 200)
    with pytest.raises(UnreadableError, match="more scans than"):
        decode_image(progressive_jpeg(1000, 1200), "L")


@pytest.mark.parametrize("size", [(1, 80_000_000), (80_000_000, 1), (65_536, 1)])
def test_a_side_without_end_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(UnreadableError, match="a side of more than 65,535"):
        decode_image(png(*size, b""), "L")


@pytest.mark.parametrize("rows", [0, 1, 10, 47])
def test_a_stream_that_ends_early_is_refused(rows: int) -> None:
    with pytest.raises(UnreadableError):
        decode_image(png(48, 48, bytes(49 * rows)), "L")


def test_a_stream_of_all_rows_and_more_is_read() -> None:
    for more in (0, 1, 100):
        assert decode_image(png(48, 48, bytes(49 * 48 + more)), "L").size == (48, 48)


@pytest.mark.parametrize("colour", work.CHANNELS.keys() - {3})
def test_an_interlaced_picture_is_read(colour: int) -> None:
    size = work.stream_bytes(13, 7, 8 * work.CHANNELS[colour], 1)
    assert decode_image(png(13, 7, bytes(size), colour, 1), "L").size == (13, 7)
    with pytest.raises(UnreadableError):
        decode_image(png(13, 7, bytes(size - 14 * work.CHANNELS[colour]), colour, 1), "L")


@given(st.sampled_from(MODES), st.integers(1, 70), st.integers(1, 70), st.integers(0, 9))
def test_every_picture_that_pillow_writes_is_read(mode: str, width: int, height: int, level: int) -> None:
    stream = io.BytesIO()
    Image.new(mode, (width, height)).save(stream, "PNG", compress_level=level)
    assert decode_image(stream.getvalue(), "L").size == (width, height)
