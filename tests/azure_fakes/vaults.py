"""A vault's own host: its secrets, as far as the engine's provider asks for them.

https://learn.microsoft.com/rest/api/keyvault/secrets/delete-secret
https://learn.microsoft.com/rest/api/keyvault/secrets/purge-deleted-secret
"""

import re
from dataclasses import dataclass

from tests.azure_fakes.azure import ArmError, Azure
from tests.azure_fakes.change import Change
from tests.azure_fakes.cloud import Request, Response
from tests.azure_fakes.resource_manager import arm_error
from tests.azure_fakes.rules_order import may_delete_secrets

HOSTS = "*.vault.azure.net"


@dataclass
class Vaults:
    """Every vault of the played Azure."""

    azure: Azure

    def __call__(self, request: Request) -> Response:
        path = re.fullmatch(r"/(secrets|deletedsecrets)/([^/]+)", request.path)
        vault = request.host.partition(".")[0]
        with self.azure.locked():
            owners = [each for each in self.azure.of_type("Microsoft.KeyVault/vaults") if each.name.lower() == vault]
            if not owners or not path:
                return arm_error(ArmError(404, "NotFound", f"{request.path} was not found."))
            if path[1] == "deletedsecrets":
                return self.purge(request, f"{owners[0].id}/secrets/{path[2]}")
            found = self.azure.find(f"{owners[0].id}/secrets/{path[2]}")
            if found is None or request.method != "DELETE":
                return arm_error(ArmError(404, "SecretNotFound", f"A secret with {request.path} was not found."))
            try:
                may_delete_secrets(Change(self.azure, found.id, None, found))
            except ArmError as error:
                return arm_error(error)
            self.azure.remove(found.id)
            self.azure.deleted_secrets.add(found.id.lower())
            return Response(200, {"recoveryId": f"https://{request.host}/deletedsecrets/{found.name}"})

    def purge(self, request: Request, identity: str) -> Response:
        """Forget a deleted secret, for good: its name is free again."""
        if request.method != "DELETE" or identity.lower() not in self.azure.deleted_secrets:
            return arm_error(ArmError(404, "SecretNotFound", f"A deleted secret with {request.path} was not found."))
        self.azure.deleted_secrets.remove(identity.lower())
        return Response(204)
