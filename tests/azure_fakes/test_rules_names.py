"""Each rule of names: what it refuses, and that it lets the rest pass."""

import pytest

from tests.azure_fakes.arm_requests import ACCOUNT, BODIES, GROUP, STORAGE, VAULT, ArmRequests, changed, code, in_group

UNLAWFUL = [
    ("Microsoft.Storage/storageAccounts/St-Lake", "AccountNameInvalid"),
    ("Microsoft.Storage/storageAccounts/st", "AccountNameInvalid"),
    ("Microsoft.KeyVault/vaults/1vault", "VaultNameNotValid"),
    ("Microsoft.DBforPostgreSQL/flexibleServers/psql-", "InvalidServerName"),
    ("Microsoft.DataFactory/factories/a_b", "InvalidFactoryName"),
    ("Microsoft.Search/searchServices/srch--x", "InvalidResourceName"),
    ("Microsoft.CognitiveServices/accounts/.ai", "InvalidResourceName"),
]


@pytest.mark.parametrize(("path", "expected"), UNLAWFUL, ids=[path for path, _ in UNLAWFUL])
def test_an_unlawful_name_is_refused(path: str, expected: str) -> None:
    arm = ArmRequests()
    arm.make()
    assert code(arm.put(in_group(path), {})) == expected


def test_a_name_of_another_customer_or_another_group_is_taken() -> None:
    arm = ArmRequests()
    arm.azure.unavailable = {"stlake"}
    arm.make()
    assert code(arm.put(STORAGE)) == "StorageAccountAlreadyTaken"
    arm.azure.unavailable = set()
    arm.make(STORAGE)
    other = GROUP.replace("rg-of", "rg-other-of")
    arm.put(other, BODIES[GROUP])
    assert code(arm.put(STORAGE.replace(GROUP, other), BODIES[STORAGE])) == "StorageAccountAlreadyTaken"
    assert arm.put(STORAGE).status == 200


def test_a_subdomain_is_taken_by_another_account_also_by_a_deleted_one() -> None:
    arm = ArmRequests()
    arm.make(ACCOUNT)
    second = changed(BODIES[ACCOUNT], properties__customSubDomainName="ai-lake")
    assert code(arm.put(f"{ACCOUNT}-2", second)) == "CustomDomainInUse"
    arm.send("DELETE", ACCOUNT)
    assert code(arm.put(f"{ACCOUNT}-2", second)) == "CustomDomainInUse"
    arm.azure.purge(ACCOUNT)
    assert arm.put(f"{ACCOUNT}-2", second).status == 201


def test_a_deleted_vault_keeps_its_name_and_can_be_recovered() -> None:
    arm = ArmRequests()
    arm.make(VAULT)
    arm.send("DELETE", VAULT)
    assert code(arm.put(VAULT)) == "ConflictError"
    assert arm.put(VAULT, changed(BODIES[VAULT], properties__createMode="recover")).status == 201


def test_a_deleted_account_keeps_its_name_and_can_be_restored() -> None:
    arm = ArmRequests()
    arm.make(ACCOUNT)
    arm.send("DELETE", ACCOUNT)
    assert code(arm.put(ACCOUNT)) == "FlagMustBeSetForRestore"
    assert arm.put(ACCOUNT, changed(BODIES[ACCOUNT], properties__restore=True)).status == 201
