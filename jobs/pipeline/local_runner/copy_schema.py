"""The schema of the Copy activity, as far as the local runner implements it. A run with other properties is refused."""

from collections.abc import Mapping

from jobs.pipeline.local_runner.attempts import POLICY_SCHEMA
from jobs.pipeline.local_runner.columns import TRANSLATOR_SCHEMA
from jobs.pipeline.local_runner.file_names import is_wildcard
from jobs.pipeline.schema import (
    Validator,
    anything,
    between,
    boolean,
    leaf,
    list_of,
    map_of,
    object_of,
    one_of,
    positive,
    tagged,
    text,
    timespan,
)

# Store settings, and the type of dataset location that each belongs to.
READ_SETTINGS = {
    "AzureBlobStorageReadSettings": "AzureBlobStorageLocation",
    "AzureBlobFSReadSettings": "AzureBlobFSLocation",
}
WRITE_SETTINGS = {
    "AzureBlobStorageWriteSettings": "AzureBlobStorageLocation",
    "AzureBlobFSWriteSettings": "AzureBlobFSLocation",
}
# Studio writes disableMetricsCollection everywhere. It is about Azure's own metrics.
COMMON: Mapping[str, Validator] = {"disableMetricsCollection": one_of(False), "maxConcurrentConnections": positive}
wildcard = leaf(is_wildcard, "text without a slash, in which ^ stands only before *, ? or ^")
READ_SCHEMA = object_of(
    {},
    {
        "recursive": boolean,
        "wildcardFileName": wildcard,
        "deleteFilesAfterCompletion": one_of(False),
        "enablePartitionDiscovery": one_of(False),
        **COMMON,
    },
)
WRITE_SCHEMA = object_of({}, {"copyBehavior": one_of("PreserveHierarchy", "FlattenHierarchy"), **COMMON})
# copyBehavior is about files that are copied as they are. For rows Data Factory ignores it.
WRITE_ROWS_SCHEMA = object_of({}, {"copyBehavior": one_of("PreserveHierarchy"), **COMMON})
EMPTY = object_of({})

SOURCES: Mapping[str, Validator] = {
    "AzurePostgreSqlSource": object_of(
        {}, {"query": text, "queryTimeout": timespan, "partitionOption": one_of("None"), **COMMON}
    ),
    "BinarySource": object_of(
        {"storeSettings": tagged(dict.fromkeys(READ_SETTINGS, READ_SCHEMA))},
        {"formatSettings": tagged({"BinaryReadSettings": EMPTY}), **COMMON},
    ),
}
SINKS: Mapping[str, Validator] = {
    "ParquetSink": object_of(
        {"storeSettings": tagged(dict.fromkeys(WRITE_SETTINGS, WRITE_ROWS_SCHEMA))},
        {"formatSettings": tagged({"ParquetWriteSettings": EMPTY}), **COMMON},
    ),
    "BinarySink": object_of({"storeSettings": tagged(dict.fromkeys(WRITE_SETTINGS, WRITE_SCHEMA))}, COMMON),
}
DATASET_TYPES = {
    "AzurePostgreSqlSource": "AzurePostgreSqlTable",
    "ParquetSink": "Parquet",
    "BinarySource": "Binary",
    "BinarySink": "Binary",
}
# The implemented pairs of source and sink, and the properties that only this pair has.
PAIRS: Mapping[tuple[str, str], Mapping[str, Validator]] = {
    ("AzurePostgreSqlSource", "ParquetSink"): {"translator": TRANSLATOR_SCHEMA},
    ("BinarySource", "BinarySink"): {
        "skipErrorFile": object_of({}, {"fileMissing": boolean, "dataInconsistency": boolean}),
        "preserve": list_of(one_of("Attributes")),
    },
}
SHARED: Mapping[str, Validator] = {
    "enableStaging": one_of(False),
    "enableSkipIncompatibleRow": one_of(False),
    "validateDataConsistency": boolean,
    "parallelCopies": positive,
    "dataIntegrationUnits": between(2, 256),  # how many machines Azure uses; the local runner has one
}
SIDES: Mapping[str, Validator] = {"source": tagged(SOURCES), "sink": tagged(SINKS)}
REFERENCES = list_of(
    object_of({"referenceName": text, "type": one_of("DatasetReference")}, {"parameters": map_of(anything)}), 1, 1
)


def activity_schema(type_properties: Validator) -> Validator:
    """The schema of a Copy activity with these typeProperties."""
    return object_of(
        {"name": text, "type": text, "typeProperties": type_properties, "inputs": REFERENCES, "outputs": REFERENCES},
        {
            "description": anything,
            "dependsOn": anything,  # validated by jobs/pipeline/definition.py
            "state": anything,  # these two as well
            "onInactiveMarkAs": anything,
            "userProperties": list_of(object_of({"name": text, "value": anything})),
            "policy": POLICY_SCHEMA,
        },
    )


ANY_COPY_SCHEMA = activity_schema(
    object_of(SIDES, {**SHARED, **{key: anything for keys in PAIRS.values() for key in keys}})
)
COPY_SCHEMAS = {pair: activity_schema(object_of(SIDES, {**SHARED, **keys})) for pair, keys in PAIRS.items()}
