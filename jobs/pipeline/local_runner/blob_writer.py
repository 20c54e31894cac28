"""Write a blob whole or not at all, of any size: it becomes visible when its last byte has arrived."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any
from uuid import uuid4

from azure.storage.blob import BlobBlock, BlobClient, ContentSettings

BLOCK_BYTES = 8 * 1024 * 1024

BuildSettings = Callable[["Digest"], ContentSettings]


@dataclass
class Digest:
    """The size and the MD5 of the bytes so far."""

    size: int = 0
    md5: Any = field(default_factory=lambda: hashlib.md5(usedforsecurity=False))

    def update_from(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self.size += len(piece)
            self.md5.update(piece)
            yield piece


def write_blob(
    blob: BlobClient,
    pieces: Iterable[bytes],
    build_settings: BuildSettings,
    metadata: Mapping[str, str] | None = None,
) -> Digest:
    """Write the pieces as one blob, and replace an older one; the digest of its bytes.

    `build_settings` is called with the digest of all bytes; if it raises, nothing is written. Each request carries its
    MD5, so that Azure refuses bytes that have changed on the way.
    """
    digest, custom = Digest(), dict(metadata or {})
    parts = split_blocks(digest.update_from(pieces))
    first, second = next(parts), next(parts, None)
    if second is None:
        settings = build_settings(digest)
        blob.upload_blob(first, overwrite=True, validate_content=True, content_settings=settings, metadata=custom)
        return digest
    # Unique names for the blocks: of two that write the same blob at once, neither commits the other's bytes.
    staged = [stage_block(blob, part) for part in chain((first, second), parts)]
    blob.commit_block_list(staged, content_settings=build_settings(digest), metadata=custom)
    return digest


def stage_block(blob: BlobClient, part: bytes) -> BlobBlock:
    name = uuid4().hex
    blob.stage_block(name, part, validate_content=True)
    return BlobBlock(name)


def split_blocks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of BLOCK_BYTES, the last one shorter; one empty piece where there are no bytes."""
    buffer = bytearray()
    for piece in pieces:
        buffer += piece
        while len(buffer) > BLOCK_BYTES:
            yield bytes(buffer[:BLOCK_BYTES])
            del buffer[:BLOCK_BYTES]
    yield bytes(buffer)
