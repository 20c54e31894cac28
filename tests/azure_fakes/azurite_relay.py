"""Azure's storage accounts, whose data is the laptop's Azurite: requests go on to it with a shared access signature.

Azurite knows no identities here: which role may do what is not played.
https://learn.microsoft.com/rest/api/storageservices/create-account-sas
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote, urlencode

import requests
from azure.storage.blob import AccountSasPermissions, ResourceTypes, generate_account_sas

from jobs.target import Target
from tests.azure_fakes.cloud import Request, Response

HOSTS = "*.blob.core.windows.net"
NOT_SENT = {"authorization", "host", "connection", "content-length", "accept-encoding"}
NOT_RETURNED = {"connection", "keep-alive", "transfer-encoding", "content-encoding", "date", "server"}


@dataclass
class AzuriteRelay:
    """`target`: the laptop's services. A container is in the one of its two accounts that has it."""

    target: Target

    def __post_init__(self) -> None:
        pictures, lake = self.target.pictures_url.rstrip("/"), self.target.lake_url.rstrip("/")
        self._accounts = {self.target.pictures_container: pictures, self.target.lake_container: lake}
        self._signatures = {url: signature(url, self.target.storage_key) for url in (pictures, lake)}

    def __call__(self, request: Request) -> Response:
        url = self._accounts[request.path.split("/")[1]]
        query = urlencode({**request.query, **self._signatures[url]}, quote_via=quote)
        answer = requests.request(
            request.method,
            f"{url}{quote(request.path)}?{query}",
            headers={name: value for name, value in request.headers.items() if name not in NOT_SENT},
            data=request.body if isinstance(request.body, bytes) else None,
            timeout=60,
        )
        hidden = NOT_RETURNED if request.method == "HEAD" else {*NOT_RETURNED, "content-length"}
        headers = {name.title(): value for name, value in answer.headers.items() if name.lower() not in hidden}
        return Response(answer.status_code, answer.content, headers)


def signature(url: str, key: str) -> dict[str, str]:
    """The parameters that sign every request for an account, for a day."""
    account = url.rpartition("/")[2]
    types = ResourceTypes(service=True, container=True, object=True)
    permissions = AccountSasPermissions.from_string("rwdlacup")
    return dict(
        parse_qsl(generate_account_sas(account, key, types, permissions, datetime.now(UTC) + timedelta(days=1)))
    )
