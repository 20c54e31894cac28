"""A listing of a million blobs is searched without holding it in memory."""

from collections.abc import Iterator
from itertools import islice

import psutil

from jobs.storage.client import Blob
from jobs.upload.listing import BlobListing


def million() -> Iterator[Blob]:
    return (Blob(f"train/happy/face_{number:07d}.jpg", number, bytes(16)) for number in range(1_000_000))


def test_a_listing_of_a_million_takes_no_memory() -> None:
    process = psutil.Process()
    before = process.memory_info().rss
    with BlobListing(million()) as listing:
        for blob in islice(million(), 0, None, 100):
            assert listing.pop(blob.name) == blob
        assert sum(1 for _ in listing.remaining()) == 990_000
        assert listing.pop("train/happy/face_0000100.jpg") is None
        assert process.memory_info().rss - before < 32e6
