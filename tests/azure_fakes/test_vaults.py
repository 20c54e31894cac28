"""A vault's own host: who may delete a secret, and what becomes of its name."""

from tests.azure_fakes.arm_requests import SECRET, TOKEN, VAULT, ArmRequests, code
from tests.azure_fakes.azure import DEPLOYER
from tests.azure_fakes.cloud import Request, Response
from tests.azure_fakes.vaults import Vaults

OFFICER = f"{VAULT}/providers/Microsoft.Authorization/roleAssignments/00000000-0000-4000-8000-000000000002"
ROLE = "/providers/Microsoft.Authorization/roleDefinitions/b86a8fe4-44ce-4948-aee5-eccb2c155cd7"


def delete_secret(arm: ArmRequests, path: str = "/secrets/password") -> Response:
    request = Request("DELETE", "kv-lake.vault.azure.net", path, {}, TOKEN, None)
    return Vaults(arm.azure)(request)


def test_an_owner_without_a_data_role_may_not_delete_a_secret() -> None:
    arm = ArmRequests()
    arm.make(VAULT, SECRET)
    assert code(delete_secret(arm)) == "Forbidden"
    assert arm.send("GET", SECRET).status == 200


def test_a_deleted_secret_keeps_its_name_until_it_or_its_vault_is_purged() -> None:
    arm = ArmRequests()
    arm.make(VAULT, SECRET)
    arm.put(OFFICER, {"properties": {"principalId": DEPLOYER, "roleDefinitionId": ROLE, "principalType": "User"}})
    assert delete_secret(arm).status == 200
    assert code(arm.put(SECRET)) == "Conflict"
    assert code(delete_secret(arm)) == "SecretNotFound"
    assert delete_secret(arm, "/deletedsecrets/password").status == 204
    assert code(delete_secret(arm, "/deletedsecrets/password")) == "SecretNotFound"
    assert arm.put(SECRET).status == 201
    assert delete_secret(arm).status == 200
    arm.send("DELETE", VAULT)
    arm.azure.purge(VAULT)
    arm.make(VAULT, SECRET)
