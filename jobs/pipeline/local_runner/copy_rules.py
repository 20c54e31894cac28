"""What of a Copy activity the runner implements. Whatever is not here is refused before a run, file and key named."""

from collections.abc import Mapping

from jobs.pipeline.local_runner.attempts import POLICY
from jobs.pipeline.local_runner.columns import TRANSLATOR
from jobs.pipeline.schema import Rule, anything, by_name, fields, flag, items, one_of, positive, tagged, text, timespan

# Store settings, and the kind of dataset location that each belongs to.
READERS = {"AzureBlobStorageReadSettings": "AzureBlobStorageLocation", "AzureBlobFSReadSettings": "AzureBlobFSLocation"}
WRITERS = {
    "AzureBlobStorageWriteSettings": "AzureBlobStorageLocation",
    "AzureBlobFSWriteSettings": "AzureBlobFSLocation",
}
READ = fields(
    {},
    {
        "recursive": flag,
        "wildcardFileName": text,
        "deleteFilesAfterCompletion": one_of(False),
        "enablePartitionDiscovery": one_of(False),
    },
)
WRITE = fields({}, {"copyBehavior": one_of("PreserveHierarchy", "FlattenHierarchy")})
EMPTY = fields({})

SOURCES: Mapping[str, Rule] = {
    "AzurePostgreSqlSource": fields({}, {"query": text, "queryTimeout": timespan, "partitionOption": one_of("None")}),
    "BinarySource": fields(
        {"storeSettings": tagged(dict.fromkeys(READERS, READ))},
        {"formatSettings": tagged({"BinaryReadSettings": EMPTY})},
    ),
}
SINKS: Mapping[str, Rule] = {
    "ParquetSink": fields(
        {"storeSettings": tagged(dict.fromkeys(WRITERS, EMPTY))},
        {"formatSettings": tagged({"ParquetWriteSettings": EMPTY})},
    ),
    "BinarySink": fields({"storeSettings": tagged(dict.fromkeys(WRITERS, WRITE))}),
}
DATASET_OF = {
    "AzurePostgreSqlSource": "AzurePostgreSqlTable",
    "ParquetSink": "Parquet",
    "BinarySource": "Binary",
    "BinarySink": "Binary",
}
# Which source goes to which sink, and the keys that only this copy has.
PAIRS: Mapping[tuple[str, str], Mapping[str, Rule]] = {
    ("AzurePostgreSqlSource", "ParquetSink"): {"translator": TRANSLATOR},
    ("BinarySource", "BinarySink"): {"skipErrorFile": fields({}, {"fileMissing": flag, "dataInconsistency": flag})},
}
SHARED: Mapping[str, Rule] = {
    "enableStaging": one_of(False),
    "enableSkipIncompatibleRow": one_of(False),
    "validateDataConsistency": flag,
    "parallelCopies": positive,
    "dataIntegrationUnits": positive,  # how many machines Azure takes for it: here there is one
}
ENDS: Mapping[str, Rule] = {"source": tagged(SOURCES), "sink": tagged(SINKS)}
REFERENCES = items(
    fields({"referenceName": text, "type": one_of("DatasetReference")}, {"parameters": by_name(anything)}), 1, 1
)


def activity(type_properties: Rule) -> Rule:
    """A Copy activity with these typeProperties."""
    return fields(
        {"name": text, "type": text, "typeProperties": type_properties, "inputs": REFERENCES, "outputs": REFERENCES},
        {
            "description": anything,
            "dependsOn": anything,  # jobs.factory.pipeline has looked at it
            "state": one_of("Active"),
            "userProperties": items(fields({"name": text, "value": anything})),
            "policy": POLICY,
        },
    )


ANY_PAIR = activity(fields(ENDS, {**SHARED, **{key: anything for keys in PAIRS.values() for key in keys}}))
RULES = {pair: activity(fields(ENDS, {**SHARED, **keys})) for pair, keys in PAIRS.items()}
