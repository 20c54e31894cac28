"""Azure's login and the metadata of the cloud: where to log in, and where Resource Manager is.

https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
https://learn.microsoft.com/azure/azure-resource-manager/management/ (GET /metadata/endpoints)
"""

import time
from dataclasses import dataclass
from itertools import count
from typing import Any

from tests.azure_fakes.azure import HOST as MANAGEMENT
from tests.azure_fakes.azure import TENANT, Azure
from tests.azure_fakes.cloud import Request, Response

HOST = "login.microsoftonline.com"
NUMBERS = count(1)


def metadata() -> dict[str, Any]:
    """The answer of GET /metadata/endpoints?api-version=2022-09-01, as far as clients read it."""
    return {
        "name": "AzureCloud",
        "resourceManager": f"https://{MANAGEMENT}/",
        "authentication": {
            "loginEndpoint": f"https://{HOST}/",
            "audiences": ["https://management.core.windows.net/", f"https://{MANAGEMENT}/"],
            "tenant": "common",
            "identityProvider": "AAD",
        },
        "microsoftGraphResourceId": "https://graph.microsoft.com/",
        "suffixes": {
            "keyVaultDns": "vault.azure.net",
            "storage": "core.windows.net",
            "postgresqlServerEndpoint": "postgres.database.azure.com",
        },
    }


@dataclass
class Login:
    """Gives out tokens for a client's secret, and says so where the login has ended."""

    azure: Azure

    def __call__(self, request: Request) -> Response:
        if request.path.endswith("/.well-known/openid-configuration"):
            base = f"https://{HOST}/{TENANT}"
            return Response(
                200,
                {
                    "issuer": f"{base}/v2.0",
                    "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                    "token_endpoint": f"{base}/oauth2/v2.0/token",
                },
            )
        if request.method != "POST" or not request.path.endswith("/oauth2/v2.0/token"):
            return Response(404, {"error": "not_found"})
        if self.azure.logged_out:
            text = "AADSTS700082: The refresh token has expired due to inactivity."
            return Response(400, {"error": "invalid_grant", "error_description": text})
        token = f"token-{next(NUMBERS)}-of-the-tests"
        self.azure.tokens[token] = time.time() + self.azure.token_seconds
        return Response(200, {"token_type": "Bearer", "expires_in": self.azure.token_seconds, "access_token": token})
