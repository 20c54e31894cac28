"""Errors in the documents that an activity refers to are reported before anything runs, with the referrer."""

from pathlib import Path
from typing import Any

import pytest

from jobs.errors import JobError
from jobs.pipeline.local_runner.run import run_locally
from jobs.target import Target
from tests.jobs.pipeline.local_runner.adf_copy import DELETE, NAME, PIPELINE, Alter, expression

SOURCE, LAKE, ROWS = "dataset/DS_Images_Source", "dataset/DS_Lakehouse_Images", "dataset/DS_Lakehouse_Embeddings"
SERVER, VAULT = "linkedService/LS_PostgreSQL_FER", "linkedService/LS_KeyVault"
ACCOUNT = "linkedService/LS_Lakehouse_ADLS"
RUNTIME = "IntegrationRuntimeReference"


@pytest.mark.parametrize(
    ("document", "path", "value", "message"),
    [
        (SOURCE, "type", "Image", "type 'Image' is not impl"),
        (SOURCE, "typeProperties.compression", {}, ".*compression is not"),
        (SOURCE, "typeProperties.location.type", "FtpLocation", ".*location.type 'FtpLoc"),
        (SOURCE, "typeProperties.location.folderPath", "a/../b", ".*folderPath has to be a"),
        (SOURCE, "typeProperties.location.container", DELETE, ".*location.container is missing"),
        (SOURCE, "typeProperties.location.folderPath", expression("@dataset().x"), ".*`x`"),
        (SOURCE, "typeProperties", DELETE, "typeProperties is missing"),
        (LAKE, "typeProperties.location.fileName", "x.jpg", "a fileName at a Bin"),
        (ROWS, "typeProperties.compressionCodec", "lzo", ".*'lzo'"),
        (ROWS, "typeProperties.location.fileName", DELETE, "the location has no fileName"),
        (SOURCE, "linkedServiceName.referenceName", "LS_Absent", "it refers to LS_Absent, and there is no"),
        (SOURCE, "linkedServiceName.parameters", {}, ".*parameters is not"),
        (
            SOURCE,
            "linkedServiceName.referenceName",
            "LS_Lakehouse_ADLS",
            "it needs a linked service of type AzureBlobStorage, and LS_Lakehouse_ADLS is of type AzureBlobFS",
        ),
        (VAULT, "type", "Vault", "type 'Vault' is not impl"),
        (VAULT, "typeProperties.baseUrl", "${vault}", "there is no value for \\$\\{vault\\}"),
        (SERVER, "version", "1.0", "version is '1.0'"),
        (SERVER, "version", DELETE, "version is missing"),
        (SERVER, "typeProperties.timezone", "x", "typeProperties.timezone is not"),
        (SERVER, "typeProperties.password", "secret", "typeProperties.password has to be an object"),
        (SERVER, "typeProperties.password.secretName", "other", "the vault has no secret other: use postgres-password"),
        (SERVER, "typeProperties.password.store.referenceName", "LS_Absent", "it refers to LS_Absent, and there is no"),
        (ACCOUNT, "connectVia", {"referenceName": "Own", "type": RUNTIME}, "connectVia.referenceName is 'Own'"),
        (SOURCE, "typeProperties.location.fileName", "*.jpg", ".*fileName has to be .* wildcardFileName"),
        (ACCOUNT, "typeProperties.accountKey", "key", ".*accountKey"),
    ],
)
def test_errors_are_reported_before_the_run(
    adf: Path, unreachable: Target, alter: Alter, document: str, path: str, value: Any, message: str
) -> None:
    alter(document, path, value)
    with pytest.raises(
        JobError, match=f"^adf/{document}.json, used by .*adf/{PIPELINE}.json, activity Copy_.*: {message}"
    ):
        run_locally(unreachable, NAME, {}, adf)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            {"prefix": "x"},
            "PL_Migrar_Datos_FER declares no parameter `prefix`: use one that it declares \\(prefijoRuta\\)",
        ),
        ({"prefijoRuta": "a", "x": "b"}, "no parameter `x`"),
    ],
)
def test_parameters_are_checked_before_the_run(
    adf: Path, unreachable: Target, parameters: dict[str, str], message: str
) -> None:
    with pytest.raises(JobError, match=message):
        run_locally(unreachable, NAME, parameters, adf)


def test_a_parameter_without_a_default_has_to_be_given(adf: Path, unreachable: Target, alter: Alter) -> None:
    alter(PIPELINE, "parameters.prefijoRuta.defaultValue", DELETE)
    with pytest.raises(JobError, match="has no value for `prefijoRuta`"):
        run_locally(unreachable, NAME, {}, adf)


def test_a_dataset_s_parameter_has_to_be_given(adf: Path, unreachable: Target, alter: Alter) -> None:
    alter(SOURCE, "parameters", {"folder": {"type": "String"}})
    with pytest.raises(JobError, match="activity Copy_Images_BlobStorage: DS_Images_Source has no value for `folder`"):
        run_locally(unreachable, NAME, {}, adf)


def test_an_unknown_pipeline_names_those_that_exist(adf: Path, unreachable: Target) -> None:
    with pytest.raises(JobError, match=r"has no pipeline PL_Absent: .*\(PL_Migrar_Datos_FER\)"):
        run_locally(unreachable, "PL_Absent", {}, adf)


def test_a_query_or_a_table_is_needed(adf: Path, unreachable: Target, alter: Alter) -> None:
    alter(PIPELINE, "activities.0.typeProperties.source.query", DELETE)
    alter("dataset/DS_PgVector_ImagenesFer", "typeProperties.tableName", DELETE)
    with pytest.raises(JobError, match="PostgreSQL: it has no query, and DS_PgVector_ImagenesFer names no table"):
        run_locally(unreachable, NAME, {}, adf)


@pytest.mark.parametrize(("key", "value"), [("interval", 0), ("timeZone", "Mars Standard Time")])
def test_its_triggers_are_checked_before_the_run(
    adf: Path, unreachable: Target, alter: Alter, key: str, value: Any
) -> None:
    alter("trigger/TR_Diario_FER", f"typeProperties.recurrence.{key}", value)
    with pytest.raises(JobError, match=f"^adf/trigger/TR_Diario_FER.json: typeProperties.recurrence.{key} has to be"):
        run_locally(unreachable, NAME, {}, adf)


def test_references_are_found_in_any_letter_case(adf: Path, unreachable: Target, alter: Alter) -> None:
    alter(PIPELINE, "activities.0.inputs.0.referenceName", "ds_pgvector_IMAGENESFER")
    alter(SOURCE, "linkedServiceName.referenceName", "ls_blobstorage_imagenes")
    alter(SERVER, "typeProperties.password.store.referenceName", "ls_KEYVAULT")
    alter(SERVER, "typeProperties.password.secretName", "Postgres-Password")
    alter(ACCOUNT, "connectVia", {"referenceName": "AutoResolveIntegrationRuntime", "type": RUNTIME})
    alter(PIPELINE, "activities.0.policy.retry", 0)
    alter(PIPELINE, "activities.1.policy.retry", 0)
    outcome = run_locally(unreachable, NAME.lower(), {"PREFIJORUTA": "x"}, adf)
    assert (outcome.pipeline, outcome.status) == (NAME, "Failed")  # its services do not exist


def test_documents_that_are_not_referred_to_are_not_read_and_an_unreachable_target_is_an_outcome(
    adf: Path, unreachable: Target, alter: Alter
) -> None:
    (adf / "dataset" / "DS_Broken.json").write_text("{", encoding="utf-8")
    alter(PIPELINE, "activities.0.policy.retry", 0)
    outcome = run_locally(unreachable, NAME, {}, adf)
    rows, pictures = outcome.activities
    assert (outcome.status, rows.status, pictures.status) == ("Failed", "Failed", "Failed")
    assert (rows.attempts, pictures.attempts) == (1, 3)
    assert outcome.error is not None
    assert outcome.error.startswith("Operation on target Copy_Embeddings_PostgreSQL failed: PostgreSQL at nowhere:1/")
    assert pictures.error is not None
    assert pictures.error.startswith("'nowhere' is not a storage account's URL")
