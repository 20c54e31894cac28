"""Log in to Blob Storage, in one place, and the few things the jobs do there.

Azurite and both of Azure's accounts, the lake's too, speak the same protocol: what differs are the target's values.
"""

import hashlib
import mimetypes
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests
from azure.core.exceptions import AzureError, DecodeError, DeserializationError
from azure.core.pipeline.transport import RequestsTransport
from azure.storage.blob import BlobProperties, BlobServiceClient, ContainerClient, ContentSettings
from requests.adapters import HTTPAdapter

from jobs.errors import JobError
from jobs.storage.errors import explain_storage_error
from jobs.storage.retries import StorageRetries
from jobs.target import Target

MAX_CONNECTIONS = 32
CONNECT_SECONDS, READ_SECONDS = 15, 60


@dataclass(frozen=True)
class Blob:
    """One line of a listing: the name in its container, size in bytes, MD5 (16 bytes, or None where unknown)."""

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
    """A client of the account at `url`, logged in as the target says, for up to MOST_CONNECTIONS threads at once."""
    login: Any = target.storage_key
    if target.storage_auth == "identity":
        from jobs.azure.login import credential

        login = credential()
    session = requests.Session()
    for scheme in ("https://", "http://"):
        session.mount(
            scheme, HTTPAdapter(pool_maxsize=MAX_CONNECTIONS)
        )  # with requests' own 10, others are thrown away
    return BlobServiceClient(
        url,
        credential=login,
        retry_policy=StorageRetries(),
        transport=RequestsTransport(session=session, connection_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS),
        max_single_put_size=16 * 1024 * 1024,
    )


@contextmanager
def translate_storage_errors(container: ContainerClient) -> Iterator[None]:
    """Tell what the storage service refuses, or that it went away, as a Failure that names the container."""
    try:
        yield
    except AzureError as error:
        place = f"{container.primary_hostname}/{container.container_name}"
        raise JobError(explain_storage_error(error, place)) from error


def list_blobs(container: ContainerClient, prefix: str) -> Iterator[Blob]:
    """Every file below a prefix, by name."""
    for file in list_files(container, prefix):
        md5 = file.content_settings.content_md5
        yield Blob(file.name, file.size, bytes(md5) if md5 else None)


def list_files(container: ContainerClient, prefix: str) -> Iterator[BlobProperties]:
    """The same as Azure tells of them. Directories of hierarchical accounts show up as blobs: they are left out."""
    pages = container.list_blobs(name_starts_with=prefix, include=["metadata"]).by_page()
    while (page := read_page(pages)) is not None:
        yield from (blob for blob in page if not is_directory(blob.metadata))


def read_page(pages: Iterator[Iterator[BlobProperties]]) -> list[BlobProperties] | None:
    """A page of a listing, None behind the last. Raises DecodeError for what is none: a proxy's page, say, or nothing.

    The SDK stumbles over such an answer where it takes it apart.
    """
    try:
        page = next(pages, None)
        return None if page is None else list(page)
    except (DeserializationError, AttributeError) as error:
        raise DecodeError("The answer is no listing of Blob Storage's") from error


def is_directory(metadata: dict[str, str] | None) -> bool:
    """Whether a blob's metadata mark it as a directory. An empty file is none: its size says nothing."""
    return any(key.lower() == "hdi_isfolder" and value == "true" for key, value in (metadata or {}).items())


def upload_blob(container: ContainerClient, name: str, data: bytes) -> None:
    """Write a blob whole, its content type and MD5 set; an older one of this name is replaced.

    The MD5 of each request's body goes along, so that the service refuses one that was damaged on its way.
    """
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    md5 = hashlib.md5(data, usedforsecurity=False).digest()
    settings = ContentSettings(content_type=kind, content_md5=bytearray(md5))
    container.upload_blob(name, data, overwrite=True, content_settings=settings, validate_content=True)
