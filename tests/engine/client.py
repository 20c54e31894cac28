"""A client of Resource Manager, as the engine's provider needs it: login, long-running operations, retries.

It sends again what azure-native does: 408, 429 and 5xx. A 409 such as ServerIsBusy is left to the program's hooks.
https://github.com/pulumi/pulumi-azure-native (provider/pkg/azure/client_azcore.go)
https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations
"""

import time
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import requests

METADATA = "https://management.azure.com/metadata/endpoints?api-version=2022-09-01"
MAX_RETRIES = 5
POLL_SECONDS = 0.1
RETRIED = {408, 429, 500, 502, 503, 504}
NOT_FOUND = 404


class AzureError(Exception):
    """An error of Azure in the words of azure-native."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f'Status={status} Code="{code}" Message="{message}"')
        self.status = status


@dataclass
class ArmClient:
    """`proxy` leads to the played Azure, `roots` is the file of the authority that signs its certificates."""

    proxy: str
    roots: str
    _token: str = ""
    _until: float = 0.0
    _endpoints: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._lock = Lock()

    def get(self, path: str, version: str) -> dict[str, Any] | None:
        """A resource, None where there is none."""
        try:
            return self.send("GET", path, version)
        except AzureError as error:
            if error.status == NOT_FOUND:
                return None
            raise

    def put(self, path: str, version: str, body: dict[str, Any]) -> dict[str, Any]:
        """Create or update a resource, and wait until that is done. Returns the resource."""
        self.send("PUT", path, version, body)
        return self.send("GET", path, version)

    def delete(self, path: str, version: str) -> None:
        """Delete a resource, and wait until that is done. One that is gone is deleted."""
        self.send("DELETE", path, version)

    def delete_secret(self, vault: str, name: str) -> None:
        """Delete a secret through the vault itself."""
        self.open("DELETE", f"https://{vault}.vault.azure.net/secrets/{name}?api-version=7.5")

    def send(self, method: str, path: str, version: str, body: Any = None) -> dict[str, Any]:
        base = self.endpoints()["resourceManager"].rstrip("/")
        answer = self.open(method, f"{base}{path}?api-version={version}", body)
        operation = answer.headers.get("Azure-AsyncOperation")
        while operation and self.open("GET", operation).json()["status"] == "InProgress":
            time.sleep(POLL_SECONDS)
        result: dict[str, Any] = answer.json() if answer.content else {}
        return result

    def open(self, method: str, url: str, body: Any = None) -> requests.Response:
        """Send one request, again after an answer that azure-native retries. Raises AzureError."""
        for attempt in range(MAX_RETRIES + 1):
            answer = self.request(method, url, json=body, headers={"Authorization": f"Bearer {self.token()}"})
            if answer.status_code not in RETRIED or attempt == MAX_RETRIES:
                break
            time.sleep(float(answer.headers.get("Retry-After", POLL_SECONDS)))
        if answer.ok:
            return answer
        error = answer.json().get("error", {})
        raise AzureError(answer.status_code, error.get("code", ""), error.get("message", answer.text))

    def request(self, method: str, url: str, **options: Any) -> requests.Response:
        proxies = {"https": self.proxy}
        return requests.request(method, url, proxies=proxies, verify=self.roots, timeout=60, **options)

    def endpoints(self) -> dict[str, Any]:
        """The metadata of the cloud, read once: where its services are."""
        with self._lock:
            self._endpoints = self._endpoints or self.request("GET", METADATA).json()
            return self._endpoints

    def token(self) -> str:
        """A token that lives for another moment. Raises AzureError when the login gives out none."""
        endpoint = self.endpoints()["authentication"]["loginEndpoint"]
        with self._lock:
            if time.time() < self._until - 0.5:
                return self._token
            answer = self.request("POST", f"{endpoint}organizations/oauth2/v2.0/token", data={"client_id": "tests"})
            given = answer.json()
            if not answer.ok:
                raise AzureError(answer.status_code, given["error"], given["error_description"])
            self._token, self._until = given["access_token"], time.time() + given["expires_in"]
            return self._token
