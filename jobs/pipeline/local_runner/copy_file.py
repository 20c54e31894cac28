"""Copy one file, whole or not at all, with its content type and MD5."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from azure.core.exceptions import ResourceModifiedError, ResourceNotFoundError
from azure.storage.blob import BlobProperties, ContainerClient, ContentSettings, StorageErrorCode

from jobs.errors import JobError
from jobs.pipeline.local_runner.attempts import Attempt
from jobs.pipeline.local_runner.blob_reader import Digest, write_blob
from jobs.storage.client import translate_storage_errors


class MissingFileError(JobError):
    """The file is gone since it was listed."""


class InconsistentFileError(JobError):
    """The file changed while it was read, or its bytes are not those of its MD5."""


@dataclass(frozen=True)
class CopiedFile:
    """A file in the sink: its name there, its size in bytes, its MD5."""

    name: str
    size: int
    md5: bytes


@dataclass(frozen=True)
class Transfer:
    """From where to where; with `verify` the bytes have to be those that the source's MD5 promises."""

    source: ContainerClient
    sink: ContainerClient
    verify: bool
    attempt: Attempt


def copy_file(transfer: Transfer, name: str, new_name: str) -> CopiedFile:
    """Copy one file. Raises Missing, Inconsistent, or another Failure; the sink has then what it had."""
    transfer.attempt.raise_if_stopped()
    properties, pieces = open_source(transfer.source, name)
    with translate_storage_errors(transfer.sink):
        seen = write_blob(
            transfer.sink.get_blob_client(new_name),
            check_attempt(transfer.attempt, pieces),
            lambda seen: content_settings(properties, seen, transfer.verify),
        )
    return CopiedFile(new_name, seen.size, seen.digest.digest())


def open_source(source: ContainerClient, name: str) -> tuple[BlobProperties, Iterator[bytes]]:
    """The properties of a blob, and its bytes as they come."""
    with translate_errors(source, name):
        download = source.download_blob(name)

    def pieces() -> Iterator[bytes]:
        with translate_errors(source, name):
            yield from download.chunks()

    return download.properties, pieces()


@contextmanager
def translate_errors(source: ContainerClient, name: str) -> Iterator[None]:
    """Tell what is wrong with the file itself as Missing or Inconsistent, and everything else as a Failure."""
    with translate_storage_errors(source):
        try:
            yield
        except ResourceNotFoundError as error:
            if getattr(error, "error_code", None) != StorageErrorCode.BLOB_NOT_FOUND:
                raise
            raise MissingFileError(
                f"{name} is gone from {source.container_name} since it was listed: run the pipeline again, "
                "or set skipErrorFile.fileMissing."
            ) from error
        except ResourceModifiedError as error:
            raise InconsistentFileError(f"{name} changed while it was read: run the pipeline again.") from error


def check_attempt(attempt: Attempt, pieces: Iterator[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        attempt.raise_if_stopped()
        yield piece


def content_settings(source: BlobProperties, seen: Digest, verify: bool) -> ContentSettings:
    """The source's settings, with the MD5 of the bytes that came. Raises Inconsistent where the two do not agree."""
    given, md5 = source.content_settings, seen.digest.digest()
    promised = bytes(given.content_md5) if given.content_md5 else md5
    if verify and (seen.size, md5) != (source.size, promised):
        raise InconsistentFileError(
            f"The bytes of {source.name} in {source.container} are not those of its size and MD5: upload it again."
        )
    return ContentSettings(
        content_type=given.content_type,
        content_encoding=given.content_encoding,
        content_language=given.content_language,
        content_disposition=given.content_disposition,
        cache_control=given.cache_control,
        content_md5=bytearray(md5),
    )
