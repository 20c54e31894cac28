"""The account of a workspace, as azure-ai-ml uses it: blobs with metadata, asked for before an upload.

https://learn.microsoft.com/rest/api/storageservices/get-blob-properties
https://learn.microsoft.com/rest/api/storageservices/set-blob-metadata
"""

from dataclasses import dataclass, field
from urllib.parse import unquote

from tests.azure_fakes.blob_storage import WHEN, StorageAccount, error_response
from tests.azure_fakes.cloud import Request, Response

RUNS, LOGS, CODE = "azureml-blobstore-1", "azureml", "azureml-code"


@dataclass
class WorkspaceAccount(StorageAccount):
    """Its containers. `metadata` is by container and name; `uploads`: the names of uploaded blobs, in order."""

    containers: tuple[str, ...] = (RUNS, LOGS, CODE)
    metadata: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    uploads: list[str] = field(default_factory=list)

    def __call__(self, request: Request) -> Response:
        container, _, name = unquote(request.path).lstrip("/").partition("/")
        key = (container, name)
        if "authorization" not in request.headers and "sig" not in request.query:
            return error_response(401, "NoAuthenticationInformation", "Server failed to authenticate the request.")
        if request.method == "HEAD" and name:
            if key not in self.blobs:
                return Response(404, headers={"x-ms-error-code": "BlobNotFound"})
            data, _ = self.blobs[key]
            kept = {f"x-ms-meta-{each}": value for each, value in self.metadata.get(key, {}).items()}
            head = {"Content-Length": str(len(data)), "x-ms-blob-type": "BlockBlob", "Last-Modified": WHEN}
            return Response(200, None, head | kept | {"ETag": '"0x1"'})
        if request.method == "PUT" and request.query.get("comp") == "metadata":
            start = "x-ms-meta-"
            given = {each.removeprefix(start): value for each, value in request.headers.items() if start in each}
            self.metadata[key] = given
            return Response(200, headers={"ETag": '"0x1"', "Last-Modified": WHEN})
        if request.method == "PUT":
            self.uploads.append(name)
        if request.method == "GET" and key in self.blobs and self.is_beyond(request, key):
            return error_response(416, "InvalidRange", "The range specified is invalid.")
        return super().__call__(request)

    def is_beyond(self, request: Request, key: tuple[str, str]) -> bool:
        """Whether a range begins where the blob has ended."""
        first = request.headers.get("x-ms-range", "bytes=0-").removeprefix("bytes=").partition("-")[0]
        return int(first) >= len(self.blobs[key][0])

    def write(self, container: str, name: str, content: bytes) -> None:
        """What a job writes."""
        self.blobs[container, name] = (content, None)
