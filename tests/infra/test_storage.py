"""The two accounts: no public access, a week of soft delete, and children created one at a time."""

import pytest

from tests.infra.recorder import Program, run_program


@pytest.fixture(scope="module")
def program() -> Program:
    return run_program({"nameSuffix": "x1"})


def test_storage_refuses_public_access_and_keys(program: Program) -> None:
    for account in program.every("StorageAccount"):
        assert account.inputs["allowBlobPublicAccess"] is False
        assert account.inputs["allowSharedKeyAccess"] is False
        assert account.inputs["minimumTlsVersion"] == "TLS1_2"
    assert {container.inputs["publicAccess"] for container in program.every("BlobContainer")} == {"None"}


def test_only_the_lake_has_a_hierarchical_namespace_and_each_account_has_its_container(program: Program) -> None:
    accounts = {each.inputs["accountName"]: each for each in program.every("StorageAccount")}
    hierarchical = {name: each.inputs.get("isHnsEnabled") for name, each in accounts.items()}
    assert hierarchical == {"stferimagenesx1": None, "stferlakehousex1": True}, "Azure omits a false one"
    for container in program.every("BlobContainer"):
        account = accounts[container.inputs["accountName"]]
        assert program.waits(container, account)
        assert container.deleted_with == account.urn
    containers = {each.inputs["containerName"]: each.inputs["accountName"] for each in program.every("BlobContainer")}
    assert containers == {"imagenes": "stferimagenesx1", "raw": "stferlakehousex1"}


def test_deleted_blobs_and_containers_are_kept_for_a_week(program: Program) -> None:
    properties = program.every("BlobServiceProperties")
    assert {each.inputs["accountName"] for each in properties} == {"stferimagenesx1", "stferlakehousex1"}
    for each in properties:
        policies = [each.inputs["deleteRetentionPolicy"], each.inputs["containerDeleteRetentionPolicy"]]
        assert policies == [{"enabled": True, "days": 7}] * 2
        (container,) = [
            other
            for other in program.every("BlobContainer")
            if other.inputs["accountName"] == each.inputs["accountName"]
        ]
        assert each.urn in container.after, "an account accepts one child at a time"


@pytest.mark.parametrize(
    ("settings", "sku"), [({}, "Standard_LRS"), ({"storageSku": "Standard_RAGRS"}, "Standard_RAGRS")]
)
def test_both_accounts_keep_the_copies_of_the_setting(settings: dict[str, str], sku: str) -> None:
    accounts = run_program(settings).every("StorageAccount")
    assert [each.inputs["sku"] for each in accounts] == [{"name": sku}] * 2


@pytest.mark.parametrize("protect", [False, True])
def test_only_the_lake_is_protected_and_only_with_its_setting(protect: bool) -> None:
    program = run_program({"protectLake": protect})
    protected = {each.urn.rpartition("::")[2] for each in program.registered if each.protect}
    assert protected == ({"lake", "raw"} if protect else set())


def test_vault_uses_roles_and_can_be_purged(program: Program) -> None:
    vault = program.only("Vault")
    properties = vault.inputs["properties"]
    assert properties["enableRbacAuthorization"] is True
    assert properties["softDeleteRetentionInDays"] == 7
    assert "enablePurgeProtection" not in properties
    assert properties["networkAcls"] == {"bypass": "AzureServices", "defaultAction": "Allow"}
    assert {each.deleted_with for each in program.every("Secret")} == {vault.urn}
