"""Write a blob whole or not at all, however large it is: it becomes visible when its last byte has arrived."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any
from uuid import uuid4

from azure.storage.blob import BlobBlock, BlobClient, ContentSettings

BLOCK_BYTES = 8 * 1024 * 1024

Settings = Callable[["Digest"], ContentSettings]


@dataclass
class Digest:
    """The bytes that have passed: how many, and their MD5 so far."""

    size: int = 0
    digest: Any = field(default_factory=lambda: hashlib.md5(usedforsecurity=False))

    def update_from(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self.size += len(piece)
            self.digest.update(piece)
            yield piece


def write_blob(blob: BlobClient, pieces: Iterable[bytes], settings: Settings) -> Digest:
    """Write the pieces as one blob, in the place of an older one.

    `settings` is asked when every byte has been seen; if it raises, nothing has been written. What is sent carries its
    MD5, and Azure refuses what arrives otherwise.
    """
    seen = Digest()
    parts = split_blocks(seen.update_from(pieces))
    first, second = next(parts), next(parts, None)
    if second is None:
        blob.upload_blob(first, overwrite=True, validate_content=True, content_settings=settings(seen))
        return seen
    # Names of their own for the blocks: of two that write the same blob at once, neither commits the other's bytes.
    staged = [stage_block(blob, part) for part in chain((first, second), parts)]
    blob.commit_block_list(staged, content_settings=settings(seen))
    return seen


def stage_block(blob: BlobClient, part: bytes) -> BlobBlock:
    name = uuid4().hex
    blob.stage_block(name, part, validate_content=True)
    return BlobBlock(name)


def split_blocks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of BLOCK_BYTES, the last one shorter; one empty piece where there is nothing."""
    held = bytearray()
    for piece in pieces:
        held += piece
        while len(held) > BLOCK_BYTES:
            yield bytes(held[:BLOCK_BYTES])
            del held[:BLOCK_BYTES]
    yield bytes(held)
