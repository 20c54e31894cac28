"""Blobs are written whole or not at all."""

import hashlib
import random
from collections.abc import Iterator
from contextlib import suppress

import pytest
from azure.core.exceptions import HttpResponseError
from azure.storage.blob import BlobClient, ContentSettings

from jobs.errors import JobError
from jobs.pipeline.local_runner.blob_writer import BLOCK_BYTES, Digest, split_blocks, write_blob
from jobs.storage.client import lake_container
from jobs.target import Target


@pytest.fixture
def blob(target: Target) -> Iterator[BlobClient]:
    with lake_container(target) as container:
        yield container.get_blob_client("a/b.bin")


def settings(digest: Digest) -> ContentSettings:
    return ContentSettings(content_type="text/x", content_md5=bytearray(digest.md5.digest()))


@pytest.mark.parametrize("size", [0, 10, BLOCK_BYTES, BLOCK_BYTES + 1, 2 * BLOCK_BYTES + 7])
def test_the_written_bytes_are_the_blob(blob: BlobClient, size: int) -> None:
    data = random.Random(7).randbytes(size)
    pieces = [data[at : at + 3_000_000] for at in range(0, size, 3_000_000)]
    digest = write_blob(blob, pieces, settings)
    download = blob.download_blob()
    assert download.readall() == data
    assert digest.size == size
    assert download.properties.content_settings.content_type == "text/x"
    assert bytes(download.properties.content_settings.content_md5) == hashlib.md5(data).digest()  # noqa: S324 - no secret


@pytest.mark.parametrize("size", [10, 2 * BLOCK_BYTES])
def test_a_failed_write_leaves_the_old_blob(blob: BlobClient, size: int) -> None:
    def broken() -> Iterator[bytes]:
        yield bytes(size)
        raise JobError("the source does not answer")

    blob.upload_blob(b"old")
    with pytest.raises(JobError, match="the source does not answer"):
        write_blob(blob, broken(), settings)
    assert blob.download_blob().readall() == b"old"


@pytest.mark.parametrize("size", [10, 2 * BLOCK_BYTES])
def test_settings_can_refuse_the_blob(blob: BlobClient, size: int) -> None:
    def refuse(digest: Digest) -> ContentSettings:
        raise JobError(f"{digest.size} bytes are not right")

    with pytest.raises(JobError, match=f"{size} bytes are not right"):
        write_blob(blob, [bytes(size)], refuse)
    assert not blob.exists()


def test_two_writers_at_once_do_not_mix(blob: BlobClient) -> None:
    def interrupted_by_another() -> Iterator[bytes]:
        yield b"1" * 2 * BLOCK_BYTES
        write_blob(blob, [b"2" * 2 * BLOCK_BYTES, b"2"], settings)
        yield b"1"

    with suppress(HttpResponseError):  # Azure discards the first one's blocks, Azurite keeps them
        write_blob(blob, interrupted_by_another(), settings)
    assert len({*blob.download_blob().readall()}) == 1


def test_blocks_keep_every_byte() -> None:
    assert list(split_blocks([])) == [b""]
    assert list(split_blocks([b"ab", b"", b"c"])) == [b"abc"]
    long = list(split_blocks([bytes(BLOCK_BYTES), bytes(BLOCK_BYTES), b"x"]))
    assert [len(block) for block in long] == [BLOCK_BYTES, BLOCK_BYTES, 1]
