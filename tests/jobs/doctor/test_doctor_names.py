"""doctor's check of names: existing resources are the stack's own, and soft-deleted ones keep their names."""

import pytest

from tests.azure_fakes.postgres_capabilities import RESTRICTED
from tests.azure_fakes.soft_deleted import delete_account
from tests.jobs.student import DoctorCli


def test_a_soft_deleted_account_without_a_group_is_reported(
    student: DoctorCli, monkeypatch: pytest.MonkeyPatch
) -> None:
    deleted = student.played.soft_deleted
    monkeypatch.setattr(deleted, "account", lambda name, group, location: {"name": name, "location": location})
    delete_account(student.azure, "ai-fer-ana", "", "norwayeast")
    status, checks = student.doctor()
    assert status == 1
    assert "still holding its name: ai-fer-ana" in checks["leftovers"]["message"]
    assert "nameSuffix" in checks["leftovers"]["fix"]


def test_existing_resources_are_the_stacks_own(student: DoctorCli) -> None:
    student.postgres.regions["swedencentral"] = RESTRICTED
    student.make_resources(
        ("Microsoft.Storage/storageAccounts", "stferlakehouseana"),
        ("Microsoft.DBforPostgreSQL/flexibleServers", "psql-fer-ana"),
        ("Microsoft.KeyVault/vaults", "KV-fer-ana"),
        ("Microsoft.CognitiveServices/accounts", "ai-fer-ana"),
    )
    status, checks = student.doctor()
    assert status == 0, checks
    assert checks["names"]["message"] == "1 available, 4 this stack's own already; Data Factory's cannot be checked"
    assert checks["postgres"]["message"] == "psql-fer-ana exists already"
