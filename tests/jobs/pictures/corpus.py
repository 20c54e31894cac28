"""Bad pictures of many kinds, made by code: each a name and the bytes of a file."""

import io
import random
import struct
import zlib
from collections.abc import Callable, Iterator

from PIL import Image

SIZE = (48, 48)
MANY = 150_000
VALID: dict[str, Callable[[], bytes]] = {
    "jpeg": lambda: save("JPEG", "L"),
    "progressive jpeg": lambda: save("JPEG", "RGB", progressive=True),
    "cmyk jpeg": lambda: save("JPEG", "CMYK"),
    "png 1": lambda: save("PNG", "1"),
    "png L": lambda: save("PNG", "L"),
    "png LA": lambda: save("PNG", "LA"),
    "png I;16": lambda: save("PNG", "I;16"),
    "png P": lambda: save("PNG", "P"),
    "png RGB": lambda: save("PNG", "RGB"),
    "png RGBA": lambda: save("PNG", "RGBA"),
    "bmp L": lambda: save("BMP", "L"),
    "bmp RGB": lambda: save("BMP", "RGB"),
    "gif": lambda: save("GIF", "P"),
    "webp": lambda: save("WEBP", "RGB"),
    "lossless webp": lambda: save("WEBP", "RGBA", lossless=True),
}
DAMAGED = ("jpeg", "progressive jpeg", "png RGB", "bmp RGB", "gif", "webp")


def save(kind: str, mode: str, size: tuple[int, int] = SIZE, **options: object) -> bytes:
    """A picture of noise in a format and one of Pillow's modes."""
    stream = io.BytesIO()
    noise = Image.effect_noise(size, 60)
    (noise.convert("RGB") if mode in ("CMYK", "P") else noise).convert(mode).save(stream, kind, **options)
    return stream.getvalue()


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(size: tuple[int, int], stream: bytes, *more: bytes, depth: int = 8, colour: int = 0) -> bytes:
    """A PNG with any header, any compressed stream, and more chunks before that."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", *size, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(more) + chunk(b"IDAT", stream) + chunk(b"IEND", b"")


def zeros(size: int) -> bytes:
    """A zlib stream of many zeros, made without them."""
    deflate = zlib.compressobj()
    parts = [deflate.compress(bytes(min(2**20, size - start))) for start in range(0, size, 2**20)]
    return b"".join([*parts, deflate.flush()])


def bombs() -> Iterator[tuple[str, bytes]]:
    """Small files that ask for much."""
    rows, jpeg = zeros(49 * 48), VALID["jpeg"]()
    progressive, scan = VALID["progressive jpeg"](), VALID["progressive jpeg"]().rindex(b"\xff\xda")
    big = save("JPEG", "L", (4000, 4000), progressive=True)
    at = big.rindex(b"\xff\xda")
    yield "repeated scans", big[:-2] + big[at:-2] * 300 + big[-2:]
    yield "repeated scans of a small picture", progressive[:-2] + progressive[scan:-2] * 3000 + progressive[-2:]
    yield "progressive of 80 Mpx", save("JPEG", "RGB", (9000, 9000), progressive=True, subsampling=0, quality=5)
    yield "empty comments", jpeg[:2] + b"\xff\xfe\x00\x02" * 1_100_000 + jpeg[2:]
    yield "fill bytes", jpeg[:2] + b"\xff" * 30_000_000 + jpeg[2:]
    for side in (65_535, 65_500):
        yield f"jpeg of {side} x {side}", jpeg.replace(b"\x00\x30\x00\x30", struct.pack(">HH", side, side), 1)
    yield "one column", png((1, 89_000_000), rows)
    yield "one row", png((89_000_000, 1), rows)
    yield "2^31 pixels wide", png((2**31 - 1, 1), rows)
    yield "sixteen bits, 80 Mpx", png((9000, 9000), zeros(9000 * 72_001), depth=16, colour=6)
    yield "stream behind a small picture", png(SIZE, zeros(300_000_000))
    yield "stream that ends early", png(SIZE, zeros(49 * 10))
    yield "stream of nothing", png(SIZE, zlib.compress(b""))
    for kind in (b"abCd", b"tEXt", b"IDAT", b"fdAT"):
        yield f"empty {kind.decode()} chunks", png(SIZE, rows, *[chunk(kind, b"")] * 2 * MANY)
    yield "zTXt", png(SIZE, rows, chunk(b"zTXt", b"a\0\0" + zeros(200_000_000)))
    yield "iTXt", png(SIZE, rows, chunk(b"iTXt", b"a\0\1\0\0\0" + zeros(200_000_000)))
    yield "iCCP", png(SIZE, rows, chunk(b"iCCP", b"a\0\0" + zeros(200_000_000)))
    yield "frames of a PNG", save_frames("PNG", 500)
    yield "frames of a GIF", save_frames("GIF", 500)
    yield "frames of a WebP", save_frames("WEBP", 200)
    yield "webp of 64 Mpx", save("WEBP", "RGB", (8000, 8000), quality=1, method=0)
    gif = VALID["gif"]()
    yield "gif of 65535 x 65535", gif[:6] + b"\xff\xff\xff\xff" + gif[10:]
    start = 13 + (3 << ((gif[10] & 7) + 1) if gif[10] & 128 else 0)
    yield "comments of a GIF", gif[:start] + b"!\xfe\x01a\x00" * 3_200_000 + gif[start:]
    yield "blocks of a GIF's comment", gif[:start] + b"!\xfe" + b"\x01a" * 8_000_000 + b"\0" + gif[start:]
    bmp = VALID["bmp RGB"]()
    yield "bmp of 2^31", bmp[:18] + struct.pack("<ii", 2**31 - 1, 2**31 - 1) + bmp[26:]
    yield "bmp of negative height", bmp[:22] + struct.pack("<i", -(2**31)) + bmp[26:]


def save_frames(kind: str, number: int) -> bytes:
    stream = io.BytesIO()
    frames = [Image.new("RGB", SIZE, (i % 256, i // 256, 0)) for i in range(number)]
    frames[0].save(stream, kind, save_all=True, append_images=frames[1:])
    return stream.getvalue()


def polyglots() -> Iterator[tuple[str, bytes]]:
    """Files that are two things, or nothing."""
    picture, page = VALID["png RGB"](), b"<html><script>alert(1)</script>"
    yield "png and page", picture + page
    yield "page and png", page + picture
    yield "gif and script", b"GIF89a=1;" + page
    yield "jpeg in a png", b"\x89PNG\r\n\x1a\n" + VALID["jpeg"]()
    yield "png in a jpeg", b"\xff\xd8\xff" + picture
    yield "webp without an end", b"RIFF\xff\xff\xff\xffWEBPVP8 " + b"\xff" * 40
    yield "postscript", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) (r) file\n"
    yield "svg", b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'
    yield "tiff", b"II*\0\x08\0\0\0" + b"\0" * 60
    yield "empty", b""
    yield "one byte", b"\xff"
    yield "zeros", bytes(10_000)


def damaged(seed: int) -> Iterator[tuple[str, bytes]]:
    """Each tenth of truncation, and flipped bits, of each format."""
    chosen = random.Random(seed)
    for name in DAMAGED:
        data = VALID[name]()
        for tenth in range(1, 10):
            yield f"{name}, {tenth} tenths", data[: len(data) * tenth // 10]
        flipped = bytearray(data)
        for _ in range(8):
            flipped[chosen.randrange(len(flipped))] ^= 1 << chosen.randrange(8)
        yield f"{name}, flipped bits", bytes(flipped)


def bad_pictures(seed: int = 1) -> Iterator[tuple[str, bytes]]:
    """All kinds, and the valid ones that they are made of."""
    yield from ((name, make()) for name, make in VALID.items())
    yield from damaged(seed)
    yield from polyglots()
    yield from bombs()
