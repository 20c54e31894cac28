"""Copy one file, whole or not at all, with its MD5 and, where they are preserved, its attributes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from azure.core.exceptions import ResourceModifiedError, ResourceNotFoundError
from azure.storage.blob import BlobProperties, ContainerClient, ContentSettings, StorageErrorCode

from jobs.errors import ErrorKind, JobError
from jobs.pipeline.local_runner.attempts import Attempt
from jobs.pipeline.local_runner.blob_writer import Digest, write_blob
from jobs.storage.client import translate_storage_errors

DEFAULT_CONTENT_TYPE = "application/octet-stream"  # Blob Storage's
FOLDER_MARKER = "hdi_isfolder"  # metadata that the lake gives to folders


class MissingFileError(JobError):
    """The file was deleted after it was listed."""


class InconsistentFileError(JobError):
    """The file changed while it was read, or its bytes do not match its MD5."""


@dataclass(frozen=True)
class CopiedFile:
    """A file in the sink: its name, its size in bytes, its MD5."""

    name: str
    size: int
    md5: bytes


@dataclass(frozen=True)
class Transfer:
    """The containers to copy from and to.

    With `verify` the bytes have to match the source's MD5. With `preserve` the copy gets the source's attributes.
    """

    source: ContainerClient
    sink: ContainerClient
    verify: bool
    preserve: bool
    attempt: Attempt


def copy_file(transfer: Transfer, name: str, new_name: str) -> CopiedFile:
    """Copy one file. Raises MissingFileError, InconsistentFileError or another JobError; the sink is then unchanged."""
    transfer.attempt.raise_if_stopped()
    properties, pieces = open_source(transfer.source, name)
    with translate_storage_errors(transfer.sink):
        digest = write_blob(
            transfer.sink.get_blob_client(new_name),
            check_attempt(transfer.attempt, pieces),
            lambda digest: content_settings(transfer, properties, digest),
            custom_metadata(properties) if transfer.preserve else None,
        )
    return CopiedFile(new_name, digest.size, digest.md5.digest())


def open_source(source: ContainerClient, name: str) -> tuple[BlobProperties, Iterator[bytes]]:
    """The properties of a blob, and its bytes as they arrive."""
    with translate_errors(source, name):
        download = source.download_blob(name)

    def pieces() -> Iterator[bytes]:
        with translate_errors(source, name):
            yield from download.chunks()

    return download.properties, pieces()


@contextmanager
def translate_errors(source: ContainerClient, name: str) -> Iterator[None]:
    """Raise MissingFileError or InconsistentFileError for the file itself, and JobError for other errors."""
    with translate_storage_errors(source):
        try:
            yield
        except ResourceNotFoundError as error:
            if getattr(error, "error_code", None) != StorageErrorCode.BLOB_NOT_FOUND:
                raise
            raise MissingFileError(
                f"{name} was deleted from {source.container_name} after it was listed: run the pipeline again, "
                "or set skipErrorFile.fileMissing.",
                ErrorKind.not_found,
            ) from error
        except ResourceModifiedError as error:
            message = f"{name} changed while it was read: run the pipeline again."
            raise InconsistentFileError(message, ErrorKind.conflict) from error


def check_attempt(attempt: Attempt, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same pieces. Raises JobError between two of them when the attempt has to stop."""
    for piece in pieces:
        attempt.raise_if_stopped()
        yield piece


def content_settings(transfer: Transfer, source: BlobProperties, digest: Digest) -> ContentSettings:
    """The copy's settings, with the MD5 of the bytes read. Raises InconsistentFileError where that is another one.

    Data Factory keeps the source's attributes only with `"preserve": ["Attributes"]`.
    https://learn.microsoft.com/azure/data-factory/copy-activity-preserve-metadata
    """
    settings, md5 = source.content_settings, digest.md5.digest()
    expected = bytes(settings.content_md5) if settings.content_md5 else md5
    if transfer.verify and (digest.size, md5) != (source.size, expected):
        raise InconsistentFileError(
            f"The bytes of {source.name} in {source.container} do not match its size and MD5: upload it again.",
            ErrorKind.invalid,
        )
    if not transfer.preserve:
        return ContentSettings(content_type=DEFAULT_CONTENT_TYPE, content_md5=bytearray(md5))
    return ContentSettings(
        content_type=settings.content_type,
        content_encoding=settings.content_encoding,
        content_language=settings.content_language,
        content_disposition=settings.content_disposition,
        cache_control=settings.cache_control,
        content_md5=bytearray(md5),
    )


def custom_metadata(source: BlobProperties) -> dict[str, str]:
    """The metadata that somebody gave the source, to be kept with its attributes."""
    return {key: value for key, value in (source.metadata or {}).items() if key.lower() != FOLDER_MARKER}
