"""Clients of Blob Storage, and the few operations that the jobs need.

Azurite and both of Azure's accounts, the Data Lake too, have the same API: only the target's values differ.
"""

import base64
import hashlib
import mimetypes
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests
from azure.core.exceptions import DecodeError, DeserializationError, HttpResponseError
from azure.storage.blob import BlobProperties, BlobServiceClient, ContainerClient, ContentSettings
from requests.adapters import HTTPAdapter

from jobs.azure.errors import translate_errors
from jobs.azure.transport import SpeakingTransport
from jobs.errors import ErrorKind, JobError
from jobs.storage.errors import ROLE, storage_error
from jobs.storage.retries import StorageRetries
from jobs.target import Target

MAX_CONNECTIONS = 32


@dataclass(frozen=True)
class Blob:
    """One item of a listing: name in the container, size in bytes, MD5 (16 bytes; None if the service has none)."""

    name: str
    size: int
    md5: bytes | None


def pictures_container(target: Target) -> ContainerClient:
    """The container that `upload` fills."""
    return storage_service(target, target.pictures_url).get_container_client(target.pictures_container)


def lake_container(target: Target) -> ContainerClient:
    """The lake's file system, through the lake's Blob endpoint."""
    return storage_service(target, target.lake_url).get_container_client(target.lake_container)


def storage_service(target: Target, url: str) -> BlobServiceClient:
    """A client of the account at `url`, with the target's login, for up to MAX_CONNECTIONS threads at once."""
    if not url:
        raise JobError("The stack's outputs have no address of its storage: run `pulumi up`.", ErrorKind.invalid)
    login: Any = target.storage_key
    if target.storage_auth == "identity":
        from jobs.azure.login import credential

        login = credential()
    elif not is_base64(login):
        raise JobError("The output storage_key is not a key in base64: run `pulumi up`.", ErrorKind.invalid)
    session = requests.Session()
    for scheme in ("https://", "http://"):
        # With the default of 10, requests closes all further connections after one use.
        session.mount(scheme, HTTPAdapter(pool_maxsize=MAX_CONNECTIONS))
    return BlobServiceClient(
        url,
        credential=login,
        retry_policy=StorageRetries(),
        transport=SpeakingTransport(session),
        max_single_put_size=16 * 1024 * 1024,
    )


def is_base64(key: str) -> bool:
    try:
        return bool(base64.b64decode(key, validate=True))
    except ValueError:
        return False


@contextmanager
def translate_storage_errors(container: ContainerClient) -> Iterator[None]:
    """Raise a JobError that names the container, for what the service refuses and when it does not answer."""
    address = f"{container.primary_hostname}/{container.container_name}"
    with translate_errors(f"the storage at {address}", ROLE):
        try:
            yield
        except HttpResponseError as error:
            explained = storage_error(error, address)
            if explained is None:
                raise
            raise explained from error


def list_blobs(container: ContainerClient, prefix: str) -> Iterator[Blob]:
    """Every file below a prefix, ordered by name."""
    for file in list_files(container, prefix):
        md5 = file.content_settings.content_md5
        yield Blob(file.name, file.size, bytes(md5) if md5 else None)


def list_files(container: ContainerClient, prefix: str) -> Iterator[BlobProperties]:
    """The same with all properties. Directories, which hierarchical accounts list as blobs, are left out."""
    pages = container.list_blobs(name_starts_with=prefix, include=["metadata"]).by_page()
    while (page := read_page(pages)) is not None:
        yield from (blob for blob in page if not is_directory(blob.metadata))


def read_page(pages: Iterator[Iterator[BlobProperties]]) -> list[BlobProperties] | None:
    """A page of a listing; None after the last. Raises DecodeError for an answer that is not a listing.

    Such as a proxy's page or an empty answer: the SDK fails with other errors when it parses it.
    """
    try:
        page = next(pages, None)
        return None if page is None else list(page)
    except (DeserializationError, AttributeError) as error:
        raise DecodeError("The answer is not a listing of Blob Storage") from error


def is_directory(metadata: dict[str, str] | None) -> bool:
    """Whether a blob's metadata mark it as a directory. The size cannot say: a file can be empty."""
    return any(key.lower() == "hdi_isfolder" and value == "true" for key, value in (metadata or {}).items())


def upload_blob(container: ContainerClient, name: str, data: bytes) -> None:
    """Write a blob with its content type and MD5. Replaces an existing one.

    Each request carries the MD5 of its body, so that the service refuses one that was damaged in transit.
    """
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    md5 = hashlib.md5(data, usedforsecurity=False).digest()
    settings = ContentSettings(content_type=kind, content_md5=bytearray(md5))
    container.upload_blob(name, data, overwrite=True, content_settings=settings, validate_content=True)
