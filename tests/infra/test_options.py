"""The optional parts: search with its connection and roles, and the logs of every service."""

import pytest

from tests.infra.recorder import Program, run_program


@pytest.fixture(scope="module")
def program() -> Program:
    return run_program({"search": "free", "diagnostics": True, "aiLocation": "koreacentral", "nameSuffix": "x1"})


def test_neither_exists_by_default() -> None:
    kinds = {each.kind for each in run_program().registered}
    assert not kinds & {"Service", "Workspace", "DiagnosticSetting"}


def test_search_has_no_keys_and_the_region_of_the_models(program: Program) -> None:
    service = program.only("Service").inputs
    assert service["sku"] == {"name": "free"}
    assert service["disableLocalAuth"] is True
    assert "authOptions" not in service, "Azure refuses it beside disableLocalAuth"
    assert program.only("Service").replace_on == {"sku"}, "Azure cannot change a free service into a basic one"
    assert service["location"] == "koreacentral"
    assert program.outputs["search_url"] == "https://srch-fer-x1.search.windows.net"


def test_the_project_is_connected_to_search_and_may_write(program: Program) -> None:
    service, connection = program.only("Service"), program.named("connection-search")
    assert connection.inputs["properties"]["category"] == "CognitiveSearch"
    assert connection.inputs["properties"]["target"] == program.outputs["search_url"]
    assert service.urn in connection.after
    assert program.named("connection-lake").urn in connection.after, "the account accepts one child at a time"
    roles = [each for each in program.every("RoleAssignment") if each.inputs["scope"].endswith("/srch-fer-x1")]
    assert len(roles) == 4
    assert {each.inputs["principalId"] for each in roles} == {"o", "principal-of-analisis_fer"}


def test_every_complete_service_sends_its_logs(program: Program) -> None:
    workspace = program.only("Workspace")
    assert workspace.inputs["workspaceName"] == "logs-x1", "a deleted one keeps its name for two weeks"
    settings = program.every("DiagnosticSetting")
    sources = {each.inputs["resourceUri"].removeprefix("/subscriptions/s/") for each in settings}
    assert sources == {
        "Server/psql-fer-x1",
        "StorageAccount/stferimagenesx1/blobServices/default",
        "StorageAccount/stferlakehousex1/blobServices/default",
        "Vault/kv-fer-x1",
        "Factory/adf-fer-x1",
        "Account/ai-fer-x1",
        "Service/srch-fer-x1",
    }
    for each in settings:
        assert workspace.urn in each.after
        assert each.deleted_with == ""
        assert each.retried
    assert program.named("postgres-password").urn in program.named("vault-logs").after
    last = program.only("AdministratorsMicrosoftEntra")
    assert last.urn in program.named("database-logs").after
    assert program.named("connection-search").urn in program.named("foundry-logs").after


def test_metric_categories_are_those_of_each_service(program: Program) -> None:
    for each in program.every("DiagnosticSetting"):
        assert each.inputs["logs"] == [{"categoryGroup": "allLogs", "enabled": True}]
        categories = {metric["category"] for metric in each.inputs["metrics"] if metric["enabled"]}
        blobs = "blobServices" in each.inputs["resourceUri"]
        # https://github.com/Azure/azure-powershell/issues/6520
        assert categories == ({"Capacity", "Transaction"} if blobs else {"AllMetrics"}), each.name
