"""Blob Storage: containers in memory, lists in pages, uploads checked against their MD5.

https://learn.microsoft.com/rest/api/storageservices/put-blob
https://learn.microsoft.com/rest/api/storageservices/get-blob
https://learn.microsoft.com/rest/api/storageservices/list-blobs
https://learn.microsoft.com/rest/api/storageservices/delete-blob
https://learn.microsoft.com/rest/api/storageservices/status-and-error-codes2
"""

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote
from xml.sax.saxutils import escape

from tests.azure_fakes.cloud import Request, Response

HOST = "stferimagenes.blob.core.windows.net"
XML = {"Content-Type": "application/xml"}
WHEN = "Sat, 21 Nov 2026 10:00:00 GMT"


@dataclass
class StorageAccount:
    """A storage account.

    `blobs`: content and MD5 by container and name. `page`: blobs a page. `damage`: flip a bit of each upload.
    `stores_md5`: False for blobs without an MD5, as Data Factory writes them. `faults`: called first; the first that
    returns an answer counts.
    """

    containers: tuple[str, ...]
    page: int = 5000
    damage: bool = False
    stores_md5: bool = True
    blobs: dict[tuple[str, str], tuple[bytes, str | None]] = field(default_factory=dict)
    faults: list[Callable[[Request], Response | None]] = field(default_factory=list)

    def __call__(self, request: Request) -> Response:
        for fault in self.faults:
            answer = fault(request)
            if answer is not None:
                return answer
        container, _, name = unquote(request.path).lstrip("/").partition("/")
        if container not in self.containers:
            return error_response(404, "ContainerNotFound", "The specified container does not exist.")
        if not name:
            return self.list_blobs(container, request.query)
        if request.method == "PUT":
            return self.put(container, name, request)
        if (container, name) not in self.blobs:
            return error_response(404, "BlobNotFound", "The specified blob does not exist.")
        if request.method == "DELETE":
            del self.blobs[container, name]
            return Response(202)
        return self.get(container, name, request.headers)

    def put(self, container: str, name: str, request: Request) -> Response:
        """Put Blob."""
        body = request.body or b""
        if self.damage:
            body = bytes([body[0] ^ 1]) + body[1:]
        sent = request.headers.get("content-md5")
        md5 = base64.b64encode(hashlib.md5(body).digest()).decode()  # noqa: S324 - Azure's choice
        if sent is not None and sent != md5:
            return error_response(400, "Md5Mismatch", "The MD5 value specified in the request did not match.")
        kept = request.headers.get("x-ms-blob-content-md5", md5) if self.stores_md5 else None
        self.blobs[container, name] = (body, kept)
        return Response(201, headers={"ETag": '"0x1"', "Last-Modified": WHEN})

    def get(self, container: str, name: str, headers: Mapping[str, str]) -> Response:
        """Get Blob, or the range that the header x-ms-range asks for."""
        data, md5 = self.blobs[container, name]
        first, _, last = headers.get("x-ms-range", "bytes=0-").removeprefix("bytes=").partition("-")
        part = data[int(first) : int(last) + 1 if last else None]
        position = {"Content-Range": f"bytes {first}-{int(first) + len(part) - 1}/{len(data)}", "ETag": '"0x1"'}
        kept = {"x-ms-blob-content-md5": md5} if md5 else {}
        kind = {"Content-Type": "image/jpeg", "x-ms-blob-type": "BlockBlob", "Last-Modified": WHEN}
        return Response(206, part, position | kept | kind)

    def list_blobs(self, container: str, query: Mapping[str, str]) -> Response:
        """A page of a list. NextMarker is the first name of the next page, empty on the last one."""
        prefix, marker = query.get("prefix", ""), query.get("marker", "")
        names = sorted(n for c, n in self.blobs if c == container and n.startswith(prefix) and n >= marker)
        shown, more = names[: self.page], names[self.page : self.page + 1]
        blobs = "".join(self.list_element(container, name) for name in shown)
        text = (
            f'<?xml version="1.0" encoding="utf-8"?><EnumerationResults ContainerName="{container}">'
            f"<Blobs>{blobs}</Blobs><NextMarker>{escape(more[0]) if more else ''}</NextMarker></EnumerationResults>"
        )
        return Response(200, text.encode(), XML)

    def list_element(self, container: str, name: str) -> str:
        """The element of one blob in a list."""
        data, md5 = self.blobs[container, name]
        kept = f"<Content-MD5>{md5}</Content-MD5>" if md5 else "<Content-MD5 />"
        version = f"<Last-Modified>{WHEN}</Last-Modified><Etag>0x1</Etag>"
        properties = f"{version}<Content-Length>{len(data)}</Content-Length><BlobType>BlockBlob</BlobType>{kept}"
        return f"<Blob><Name>{escape(name)}</Name><Properties>{properties}</Properties><Metadata /></Blob>"


def error_response(status: int, code: str, message: str, **headers: str) -> Response:
    """An error response. The code is in a header too, and the request ID is on a line of its own."""
    text = (
        f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code>'
        f"<Message>{message}\nRequestId:1\nTime:2026-11-21T10:00:00.0Z</Message></Error>"
    )
    return Response(status, text.encode(), XML | {"x-ms-error-code": code} | headers)
