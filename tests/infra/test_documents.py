"""The documents of adf/ as they are deployed: flat, bound, and after the documents that they refer to."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.infra.configuration import ROOT
from tests.infra.recorder import Program, Registered, run_program

KINDS = {"linkedService": "LinkedService", "dataset": "Dataset", "pipeline": "Pipeline", "trigger": "Trigger"}
NAMES = {kind: [path.stem for path in sorted((ROOT / "adf" / kind).glob("*.json"))] for kind in KINDS}


@pytest.fixture(scope="module")
def program() -> Program:
    return run_program({"dailyTrigger": True})


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every object in a value, including the value itself."""
    if isinstance(value, dict):
        yield value
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from nodes(child)


def documents(program: Program) -> list[Registered]:
    return [each for each in program.registered if each.kind in KINDS.values()]


def references(document: Registered) -> list[str]:
    return [node["referenceName"] for node in nodes(document.inputs) if "referenceName" in node]


def test_every_document_is_deployed_under_its_own_name(program: Program) -> None:
    for kind, resource in KINDS.items():
        assert NAMES[kind]
        assert sorted(each.inputs[f"{kind}Name"] for each in program.every(resource)) == NAMES[kind]
    assert [len(NAMES[kind]) for kind in KINDS] == [4, 4, 1, 1]


def test_the_trigger_is_deployed_only_with_its_setting() -> None:
    assert not [each for each in run_program().registered if each.kind == "Trigger"]


def test_a_document_waits_for_every_document_it_refers_to(program: Program) -> None:
    named = 0
    for document in documents(program):
        for name in references(document):
            assert program.named(name).urn in document.after, f"{document.urn} does not wait for {name}"
            named += 1
    assert named == 10, "1 vault, 4 linked services of datasets, 4 datasets of the pipeline, 1 pipeline of the trigger"


def test_documents_wait_for_the_factory_and_are_deleted_with_it(program: Program) -> None:
    factory = program.only("Factory")
    for document in documents(program):
        assert factory.urn in document.after
        assert document.deleted_with == factory.urn
        assert document.inputs["factoryName"] == factory.inputs["factoryName"]


def test_documents_wait_for_resources_they_name_in_plain_text(program: Program) -> None:
    named = [program.named("imagenes"), program.named("raw"), *program.every("Secret")]
    for document in documents(program):
        assert {each.urn for each in named} <= document.after


def test_no_key_is_left_that_azure_native_drops(program: Program) -> None:
    for document in documents(program):
        text = json.dumps(document.inputs)
        assert "typeProperties" not in text
        assert "${" not in text
        assert "runtimeState" not in text


def test_linked_services_connect_to_this_stack(program: Program) -> None:
    services = program.every("LinkedService")
    properties = {each.inputs["linkedServiceName"]: each.inputs["properties"] for each in services}
    assert properties["LS_BlobStorage_Imagenes"]["serviceEndpoint"] == program.outputs["pictures_url"]
    assert properties["LS_Lakehouse_ADLS"]["url"] == program.outputs["lake_dfs_url"]
    assert properties["LS_KeyVault"]["baseUrl"] == program.outputs["vault_url"]
    postgres = properties["LS_PostgreSQL_FER"]
    assert postgres["server"] == program.outputs["postgres_host"]
    assert (postgres["port"], postgres["database"], postgres["username"]) == (5432, "fer_vct", "lake_reader")
    assert postgres["password"]["secretName"] == program.named("postgres-reader-password").inputs["secretName"]


def test_the_copy_activities_are_complete(program: Program) -> None:
    activities = program.only("Pipeline").inputs["activities"]
    assert [each["name"] for each in activities] == ["Copy_Embeddings_PostgreSQL", "Copy_Images_BlobStorage"]
    for activity in activities:
        assert {"source", "sink", "inputs", "outputs", "policy"} <= activity.keys()


def test_without_passwords_the_factory_logs_in_with_its_own_identity() -> None:
    program = run_program({"entraOnly": True})
    (resource,) = program.named("LS_PostgreSQL_FER_Entra").inputs["properties"]["template"]["resources"]
    properties = resource["properties"]["typeProperties"]
    assert resource["name"] == "adf-fer/LS_PostgreSQL_FER_Entra"
    assert properties["authenticationType"] == "SystemAssignedManagedIdentity"
    assert properties["username"] == "adf-fer"
    assert "password" not in properties
    assert program.outputs["factory_principal_id"] == "principal-of-adf-fer", "`migrate` creates the login of it"
    dataset = program.named("DS_PgVector_ImagenesFer")
    assert references(dataset) == ["LS_PostgreSQL_FER_Entra"]
    assert program.named("LS_PostgreSQL_FER_Entra").urn in dataset.after


def test_without_passwords_no_resource_has_a_password() -> None:
    program = run_program({"entraOnly": True})
    kinds = {each.kind for each in program.registered}
    assert not kinds & {"RandomPassword", "Secret"}
    server = program.only("Server").inputs
    assert server["authConfig"]["passwordAuth"] == "Disabled"
    assert not {"administratorLogin", "administratorLoginPassword"} & server.keys()
    assert program.outputs["postgres_password"] == ""
    assert (program.outputs["postgres_auth"], program.outputs["postgres_user"]) == ("entra", "entra_admin")
    assert program.secrets == set()
