"""What Resource Manager answers for a resource: what the client sent, and what Azure assigned.

Which properties are read-only or write-only is in Azure's own types (tests/azure_types). Their values are invented,
except for those that a client computes with: COMPUTED. Each service's page below
https://learn.microsoft.com/rest/api/azure/ shows its answers.
"""

import uuid
from typing import Any

from tests.azure_fakes.arm_ids import is_type, name_of, parent_of, type_of
from tests.azure_fakes.azure import TENANT, Resource, merged
from tests.azure_fakes.rules_services import BY_TYPE
from tests.azure_types.types import READ_ONLY, Type, Types, load_types

WRITE_ONLY = 4
MOST_LEVELS = 4
SERVER_STATES = {"Creating": "Provisioning", "Updating": "Updating", "Deleting": "Dropping"}
SERVER = "Microsoft.DBforPostgreSQL/flexibleServers"
# Read-only properties that a new and healthy resource does not have.
ABSENT = {
    *("deletionDate", "scheduledPurgeDate", "deletedTime", "deleted", "immutabilityPolicy", "legalHold"),
    *("lastGeoFailoverTime", "currentSpend", "forecastSpend", "privateEndpointConnections", "abusePenalty"),
    *("quotaLimit", "failedProvisioningReason", "eTag", "apiVersion"),
}
COMPUTED: dict[str, Any] = {
    "Microsoft.Storage/storageAccounts": {
        "properties": {
            "primaryEndpoints": {
                **{each: f"https://{{name}}.{each}.core.windows.net/" for each in ("blob", "dfs", "file", "queue")},
                "web": "https://{name}.z6.web.core.windows.net/",
            },
            "primaryLocation": "{location}",
            "statusOfPrimary": "available",
        }
    },
    "Microsoft.MachineLearningServices/workspaces": {
        "properties": {"mlFlowTrackingUri": "azureml://{location}.api.azureml.ms/mlflow/v1.0{id}"}
    },
    "Microsoft.MachineLearningServices/workspaces/onlineEndpoints": {
        "properties": {"scoringUri": "https://{name}.{location}.inference.ml.azure.com/score"}
    },
    "Microsoft.Authorization/roleAssignments": {"properties": {"scope": "{scope}"}},
    "Microsoft.ContainerRegistry/registries": {"properties": {"loginServer": "{name}.azurecr.io"}},
    SERVER: {"properties": {"fullyQualifiedDomainName": "{name}.postgres.database.azure.com", "state": "Ready"}},
    "Microsoft.KeyVault/vaults": {"properties": {"vaultUri": "https://{name}.vault.azure.net/"}},
    "Microsoft.KeyVault/vaults/secrets": {
        "properties": {"secretUri": "https://{parent}.vault.azure.net/secrets/{name}"}
    },
    "Microsoft.CognitiveServices/accounts": {
        "properties": {
            "endpoint": "https://{name}.cognitiveservices.azure.com/",
            "endpoints": {"AI Foundry API": "https://{name}.services.ai.azure.com/"},
        }
    },
    "Microsoft.CognitiveServices/accounts/projects": {
        "properties": {
            "endpoints": {"AI Foundry API": "https://{parent}.services.ai.azure.com/api/projects/{name}"},
            "isDefault": True,
        }
    },
    "Microsoft.Search/searchServices": {
        "properties": {"endpoint": "https://{name}.search.windows.net", "status": "running"}
    },
    "Microsoft.DataFactory/factories/triggers": {"properties": {"runtimeState": "Stopped"}},
}


def assign(resource: Resource) -> dict[str, Any]:
    """The properties that Azure adds to a resource. What it assigned before stays."""
    version = BY_TYPE.get(type_of(resource.id).lower())
    if version is None:
        return merged({"properties": {"provisioningState": "Succeeded"}}, resource.assigned)
    types = load_types(version)
    added = read_only(types, types.resources[version.lower()], resource.body, Filler(resource))
    computed = next((each for kind, each in COMPUTED.items() if is_type(resource.id, kind)), {})
    words = {"id": resource.id, "name": resource.name, "parent": name_of(parent_of(resource.id))}
    words["scope"] = resource.id.rpartition("/providers/")[0]
    words["location"] = str(resource.body.get("location", ""))
    return merged(merged(added, formatted(computed, words)), resource.assigned)


class Filler:
    """Invents the values of read-only properties of one resource."""

    def __init__(self, resource: Resource) -> None:
        self.known = {"tenantId": TENANT, "provisioningState": "Succeeded", "id": resource.id, "name": resource.name}
        self.known |= {"type": type_of(resource.id), "etag": uuid.uuid4().hex}
        self.known["systemData"] = {"createdAt": "2026-01-01T00:00:00Z", "createdByType": "User"}
        self.known["systemData"] |= {"lastModifiedAt": "2026-01-01T00:00:00Z", "lastModifiedByType": "User"}

    def fill(self, types: Types, kind: Type, key: str, given: dict[str, Any], level: int) -> Any:
        """A value for one property; None where Azure would not send it. `given`: the object that it is part of."""
        if key in ABSENT or level > MOST_LEVELS:
            return None
        if key in ("principalId", "clientId"):
            return str(uuid.uuid4()) if "SystemAssigned" in str(given.get("type", "SystemAssigned")) else None
        if key in self.known:
            return self.known[key]
        match kind["$type"]:
            case "StringLiteralType":
                return kind["value"]
            case "UnionType":
                return next((each["value"] for each in map(types.follow, kind["elements"]) if "value" in each), None)
            case "ObjectType" | "DiscriminatedObjectType":
                return read_only(types, kind, {}, self, level + 1)
        return {"StringType": f"played-{key}", "IntegerType": 0, "BooleanType": False, "ArrayType": []}.get(
            kind["$type"]
        )


def read_only(types: Types, kind: Type, value: Any, filler: Filler, level: int = 0) -> dict[str, Any]:
    """The read-only properties of an object, at every depth: a tree of what is added to `value`."""
    added: dict[str, Any] = {}
    if not isinstance(value, dict) or level > MOST_LEVELS:
        return added
    for key, spec in types.properties(kind, value).items():
        inner = types.follow(spec["type"])
        if spec.get("flags", 0) & READ_ONLY:
            made = filler.fill(types, inner, key, value, level + 1)
        else:
            below = value.get(key, {} if key == "properties" else None)
            made = read_only(types, inner, below, filler, level + 1) if isinstance(below, dict) else None
        if made is not None and made != {}:
            added[key] = made
    return added


def formatted(template: Any, words: dict[str, str]) -> Any:
    if isinstance(template, dict):
        return {key: formatted(each, words) for key, each in template.items()}
    return template.format(**words) if isinstance(template, str) else template


def answer(resource: Resource) -> dict[str, Any]:
    """The body of a GET of a resource. While an operation runs, it says so."""
    body = merged(resource.assigned, without_secrets(resource))
    if resource.is_busy:
        state = "Deleting" if resource.leaves else "Updating" if resource.updates else "Creating"
        properties = {"state": SERVER_STATES[state]}
        body = merged(
            body, {"properties": properties if is_type(resource.id, SERVER) else {"provisioningState": state}}
        )
    return {**body, "id": resource.id, "name": resource.name, "type": type_of(resource.id)}


def without_secrets(resource: Resource) -> Any:
    """The body without its write-only properties: Azure never returns a password or a secret's value."""
    version = BY_TYPE.get(type_of(resource.id).lower())
    if version is None:
        return resource.body
    types = load_types(version)
    body = readable(types, types.resources[version.lower()], resource.body)
    if is_type(resource.id, "Microsoft.KeyVault/vaults/secrets"):
        body["properties"].pop("value", None)
    return body


def readable(types: Types, kind: Type, value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    specs = types.properties(kind, value)
    return {
        key: readable(types, types.follow(specs[key]["type"]), each) if key in specs else each
        for key, each in value.items()
        if not (key in specs and specs[key].get("flags", 0) & WRITE_ONLY)
    }
