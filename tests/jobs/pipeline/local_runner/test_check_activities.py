"""Errors in an activity are reported before anything runs: the target's services do not exist."""

from pathlib import Path
from typing import Any

import pytest

from jobs.errors import JobError
from jobs.pipeline.local_runner.run import run_locally
from jobs.target import Target
from tests.jobs.pipeline.local_runner.adf_copy import DELETE, NAME, PIPELINE, Alter, expression

ROWS, PICTURES = 0, 1
ACTIVITIES = ("Copy_Embeddings_PostgreSQL", "Copy_Images_BlobStorage")


@pytest.mark.parametrize(
    ("activity", "path", "value", "message"),
    [
        (ROWS, "type", "Wait", 'the type "Wait" is not implemented by the local runner'),
        (PICTURES, "type", "Lookup", 'the type "Lookup"'),
        (ROWS, "dependsOn", [{"activity": "Absent", "dependencyConditions": ["Failed"]}], "it depends on Absent"),
        (ROWS, "state", "Off", "state is 'Off', and Data Factory takes 'Active' or 'Inactive'"),
        (ROWS, "onInactiveMarkAs", "Done", "onInactiveMarkAs is 'Done'"),
        (ROWS, "linkedServiceName", {}, "linkedServiceName is not implemented"),
        (ROWS, "userProperties", "x", "userProperties has to be a list"),
        (ROWS, "userProperties", [{"name": "a", "value": expression("@now()")}], "userProperties.0.value: `now`"),
        (ROWS, "typeProperties", DELETE, "typeProperties is missing"),
        (ROWS, "policy.retries", 1, "policy.retries is not implemented"),
        (ROWS, "policy.timeout", "1h", "policy.timeout has to be a time"),
        (ROWS, "policy.timeout", "0.00:09:59", "policy.timeout has to be from 0.00:10:00 to 7.00:00:00, and is"),
        (ROWS, "policy.timeout", "7.00:00:01", "policy.timeout has to be from"),
        (ROWS, "policy.retry", -1, "policy.retry has to be"),
        (ROWS, "policy.retryIntervalInSeconds", 29, "policy.retryInt.* has to be a whole number from 30 to 86,400"),
        (ROWS, "policy.retryIntervalInSeconds", 86_401, "policy.retryIntervalInSeconds has to be"),
        (
            ROWS,
            "typeProperties.dataIntegrationUnits",
            1,
            ".*dataIntegrationUnits has to be a whole number from 2 to 256",
        ),
        (ROWS, "typeProperties.preserve", ["Attributes"], "typeProperties.preserve is not implemented"),
        (PICTURES, "typeProperties.preserve", ["ACL"], "typeProperties.preserve.0 is 'ACL', and the local runner"),
        (PICTURES, "typeProperties.preserve", "Attributes", "typeProperties.preserve has to be a list"),
        (ROWS, "policy.secureInput", True, "policy.secureInput is True"),
        (ROWS, "typeProperties.paralelCopies", 4, "typeProperties.paralelCopies is not impl"),
        (ROWS, "typeProperties.enableStaging", True, "typeProperties.enableStaging is True"),
        (ROWS, "typeProperties.logSettings", {}, "typeProperties.logSettings is not impl"),
        (ROWS, "typeProperties.skipErrorFile", {}, "typeProperties.skipErrorFile is not impl"),
        (PICTURES, "typeProperties.translator", {}, "typeProperties.translator is not impl"),
        (ROWS, "typeProperties.sink", DELETE, "typeProperties.sink is missing"),
        (ROWS, "typeProperties.source.type", "SqlSource", "typeProperties.source.type 'SqlSource'"),
        (ROWS, "typeProperties.sink.type", "JsonSink", "typeProperties.sink.type 'JsonSink'"),
        (ROWS, "typeProperties.source.partitionCount", 1, "typeProperties.source.partitionCount"),
        (
            ROWS,
            "typeProperties.sink",
            {"type": "BinarySink", "storeSettings": {"type": "AzureBlobFSWriteSettings"}},
            "a AzurePostgreSqlSource cannot be copied to a BinarySink",
        ),
        (
            PICTURES,
            "typeProperties.source.storeSettings.type",
            "FtpReadSettings",
            "typeProperties.source.storeSettings.type",
        ),
        (
            PICTURES,
            "typeProperties.source.storeSettings.wildcardFolderPath",
            "*",
            ".*storeSettings.wildcardFolderPath is not",
        ),
        (
            PICTURES,
            "typeProperties.source.storeSettings.deleteFilesAfterCompletion",
            True,
            ".*deleteFilesAfterCompletion is",
        ),
        (PICTURES, "typeProperties.source.storeSettings.recursive", "true", ".*recursive has to be true or false"),
        (PICTURES, "typeProperties.sink.storeSettings.copyBehavior", "MergeFiles", ".*copyBehavior is 'MergeFiles'"),
        (ROWS, "typeProperties.sink.storeSettings.copyBehavior", "MergeFiles", ".*copyBehavior is 'MergeFiles'"),
        (PICTURES, "typeProperties.source.storeSettings.wildcardFileName", "a^b", ".* in which \\^ stands only before"),
        (PICTURES, "typeProperties.source.storeSettings.wildcardFileName", "a^", ".* in which \\^ stands only before"),
        (PICTURES, "typeProperties.source.storeSettings.wildcardFileName", "happy/*", ".* text without a slash"),
        (
            PICTURES,
            "typeProperties.source.storeSettings.type",
            "AzureBlobFSReadSettings",
            "AzureBlobFSReadSettings does not fit",
        ),
        (
            ROWS,
            "typeProperties.sink.storeSettings.type",
            "AzureBlobStorageWriteSettings",
            "AzureBlobStorageWriteSettings does",
        ),
        (PICTURES, "typeProperties.parallelCopies", 0, ".*parallelCopies has to be"),
        (PICTURES, "typeProperties.skipErrorFile.fileForbidden", True, ".*fileForbidden"),
        (ROWS, "typeProperties.translator.type", "Tabular", "typeProperties.translator.type"),
        (
            ROWS,
            "typeProperties.translator.mappings",
            [],
            "typeProperties.translator.mappings has to be a list of 1 or more",
        ),
        (ROWS, "typeProperties.translator.mappings.2.sink.type", "Vector", ".*mappings.2.sink.type is 'Vector'"),
        (ROWS, "typeProperties.translator.mappings.2.sink.name", "id", ".*mappings gives the sink two columns id"),
        (ROWS, "typeProperties.translator.mappings.0.sink", DELETE, ".*mappings.0.sink is missing"),
        (ROWS, "typeProperties.translator.columnMappings", {}, ".*columnMappings is not"),
        (ROWS, "typeProperties.translator.typeConversionSettings", {"culture": "es"}, ".*culture is not implemented"),
        (
            ROWS,
            "typeProperties.translator.typeConversionSettings",
            {"allowDataTruncation": False},
            ".*allowDataTruncation is False, and the local runner implements True",
        ),
        (
            ROWS,
            "typeProperties.translator.typeConversionSettings",
            {"treatBooleanAsNumber": True},
            ".*treatBooleanAsNumber is True",
        ),
        (
            ROWS,
            "typeProperties.source.query",
            expression("@utcnow()"),
            "typeProperties.source.query: `utcnow` is not impl",
        ),
        (
            ROWS,
            "typeProperties.source.query",
            expression("@{pipeline().parameters.prefix}"),
            ".*query: .*has no `prefix`",
        ),
        (
            ROWS,
            "typeProperties.source.query",
            expression("@activity('Copy_Images_BlobStorage').output.filesRead"),
            ".*depends",
        ),
        (ROWS, "typeProperties.source.query", "@concat('SELECT 1')", ".*query is plain text with an expression in it"),
        (ROWS, "typeProperties.source.query", expression("@1"), "typeProperties.source.query has to be text, and is 1"),
        (ROWS, "inputs", [], "inputs has to be a list of exactly 1"),
        (ROWS, "outputs.0.type", "Dataset", "outputs.0.type is 'Dataset'"),
        (ROWS, "outputs.0.referenceName", "DS_Absent", "it refers to DS_Absent, and there is no adf/data"),
        (ROWS, "outputs.0.parameters", {"x": 1}, "DS_Lakehouse_Embeddings declares no parameter `x`"),
        (ROWS, "inputs.0.referenceName", "DS_Images_Source", "it needs a dataset of type AzurePostgre"),
        (PICTURES, "outputs.0.referenceName", "DS_Lakehouse_Embeddings", "it needs a .* type Binary"),
    ],
)
def test_errors_are_reported_before_the_run(
    adf: Path, unreachable: Target, alter: Alter, activity: int, path: str, value: Any, message: str
) -> None:
    alter(PIPELINE, f"activities.{activity}.{path}", value)
    with pytest.raises(JobError, match=f"^adf/{PIPELINE}.json, activity {ACTIVITIES[activity]}: {message}"):
        run_locally(unreachable, NAME, {}, adf)
