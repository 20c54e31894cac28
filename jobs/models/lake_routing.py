"""The weights of an alias as a blob of the stack's lake. Its ETag excludes two writers, on two machines too."""

from azure.core import MatchConditions
from azure.core.exceptions import ResourceExistsError, ResourceModifiedError, ResourceNotFoundError
from azure.storage.blob import ContainerClient

from jobs.models.routing import changed_by_others
from jobs.storage.client import translate_storage_errors


class LakeStore:
    """A blob, routing/<alias>.json."""

    def __init__(self, container: ContainerClient, alias: str) -> None:
        self._container = container
        self._blob = container.get_blob_client(f"routing/{alias}.json")
        self.place = f"{container.container_name}/routing/{alias}.json"

    def load(self) -> tuple[bytes, str] | None:
        with translate_storage_errors(self._container):
            try:
                found = self._blob.download_blob()
                return found.readall(), str(found.properties.etag)
            except ResourceNotFoundError as error:
                if getattr(error, "error_code", None) == "ContainerNotFound":
                    raise
                return None

    def save(self, text: bytes, tag: str | None) -> None:
        """Replace the blob of that tag; without a tag create it, and only if there is none."""
        with translate_storage_errors(self._container):
            try:
                if tag is None:
                    self._blob.upload_blob(text, overwrite=False)
                else:
                    self._blob.upload_blob(
                        text, overwrite=True, etag=tag, match_condition=MatchConditions.IfNotModified
                    )
            except (ResourceExistsError, ResourceModifiedError) as error:
                raise changed_by_others(self.place) from error
