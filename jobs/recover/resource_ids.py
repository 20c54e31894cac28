"""The ID of each resource that infra/ makes: its type's path at Azure, with the names among its inputs.

Azure's types and paths: https://learn.microsoft.com/azure/templates/
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

GROUP = "resources:ResourceGroup"
# Below the resource group. The names in braces are inputs.
PATHS = {
    "applicationinsights:Component": "Microsoft.Insights/components/{resourceName}",
    "cognitiveservices:Account": "Microsoft.CognitiveServices/accounts/{accountName}",
    "cognitiveservices:Deployment": "Microsoft.CognitiveServices/accounts/{accountName}/deployments/{deploymentName}",
    "cognitiveservices:Project": "Microsoft.CognitiveServices/accounts/{accountName}/projects/{projectName}",
    "cognitiveservices:ProjectConnection": (
        "Microsoft.CognitiveServices/accounts/{accountName}/projects/{projectName}/connections/{connectionName}"
    ),
    "containerregistry:Registry": "Microsoft.ContainerRegistry/registries/{registryName}",
    "datafactory:Dataset": "Microsoft.DataFactory/factories/{factoryName}/datasets/{datasetName}",
    "datafactory:Factory": "Microsoft.DataFactory/factories/{factoryName}",
    "datafactory:IntegrationRuntime": (
        "Microsoft.DataFactory/factories/{factoryName}/integrationRuntimes/{integrationRuntimeName}"
    ),
    "datafactory:LinkedService": "Microsoft.DataFactory/factories/{factoryName}/linkedservices/{linkedServiceName}",
    "datafactory:ManagedPrivateEndpoint": (
        "Microsoft.DataFactory/factories/{factoryName}/managedVirtualNetworks/{managedVirtualNetworkName}"
        "/managedPrivateEndpoints/{managedPrivateEndpointName}"
    ),
    "datafactory:Pipeline": "Microsoft.DataFactory/factories/{factoryName}/pipelines/{pipelineName}",
    "datafactory:Trigger": "Microsoft.DataFactory/factories/{factoryName}/triggers/{triggerName}",
    "dbforpostgresql:AdministratorsMicrosoftEntra": (
        "Microsoft.DBforPostgreSQL/flexibleServers/{serverName}/administrators/{objectId}"
    ),
    "dbforpostgresql:Configuration": (
        "Microsoft.DBforPostgreSQL/flexibleServers/{serverName}/configurations/{configurationName}"
    ),
    "dbforpostgresql:Database": "Microsoft.DBforPostgreSQL/flexibleServers/{serverName}/databases/{databaseName}",
    "dbforpostgresql:FirewallRule": (
        "Microsoft.DBforPostgreSQL/flexibleServers/{serverName}/firewallRules/{firewallRuleName}"
    ),
    "dbforpostgresql:Server": "Microsoft.DBforPostgreSQL/flexibleServers/{serverName}",
    "keyvault:Secret": "Microsoft.KeyVault/vaults/{vaultName}/secrets/{secretName}",
    "keyvault:Vault": "Microsoft.KeyVault/vaults/{vaultName}",
    "machinelearningservices:Compute": (
        "Microsoft.MachineLearningServices/workspaces/{workspaceName}/computes/{computeName}"
    ),
    "machinelearningservices:Workspace": "Microsoft.MachineLearningServices/workspaces/{workspaceName}",
    "managedidentity:UserAssignedIdentity": "Microsoft.ManagedIdentity/userAssignedIdentities/{resourceName}",
    "network:PrivateDnsZoneGroup": (
        "Microsoft.Network/privateEndpoints/{privateEndpointName}/privateDnsZoneGroups/{privateDnsZoneGroupName}"
    ),
    "network:PrivateEndpoint": "Microsoft.Network/privateEndpoints/{privateEndpointName}",
    "network:VirtualNetwork": "Microsoft.Network/virtualNetworks/{virtualNetworkName}",
    "operationalinsights:Workspace": "Microsoft.OperationalInsights/workspaces/{workspaceName}",
    "privatedns:PrivateZone": "Microsoft.Network/privateDnsZones/{privateZoneName}",
    "privatedns:VirtualNetworkLink": (
        "Microsoft.Network/privateDnsZones/{privateZoneName}/virtualNetworkLinks/{virtualNetworkLinkName}"
    ),
    "resources:Deployment": "Microsoft.Resources/deployments/{deploymentName}",
    "search:Service": "Microsoft.Search/searchServices/{searchServiceName}",
    "storage:BlobContainer": (
        "Microsoft.Storage/storageAccounts/{accountName}/blobServices/default/containers/{containerName}"
    ),
    "storage:BlobServiceProperties": "Microsoft.Storage/storageAccounts/{accountName}/blobServices/{blobServicesName}",
    "storage:StorageAccount": "Microsoft.Storage/storageAccounts/{accountName}",
}
# Below the resource that they extend.
EXTENSIONS = {
    "authorization:RoleAssignment": ("{scope}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}"),
    "consumption:Budget": "{scope}/providers/Microsoft.Consumption/budgets/{budgetName}",
    "monitor:DiagnosticSetting": "{resourceUri}/providers/Microsoft.Insights/diagnosticSettings/{name}",
}
# Azure has these with their parent; no resource of the state stands for them.
IMPLICIT = ("/blobservices/default", "/managedvirtualnetworks/default")


def short_type(pulumi_type: str) -> str:
    """The type without package and version: `storage:StorageAccount` of azure-native:storage/v20240101:StorageAccount.

    Empty for another package's.
    """
    found = re.fullmatch(r"azure-native:([^:/]+)(?:/[^:]+)?:(\w+)", pulumi_type)
    return f"{found[1]}:{found[2]}" if found else ""


def build_id(pulumi_type: str, inputs: Mapping[str, Any], subscription_id: str) -> str | None:
    """The ID that a resource has; None for a type that infra/ does not make, or without one of its names."""
    kind, subscription = short_type(pulumi_type), f"/subscriptions/{subscription_id}"
    if kind == GROUP:
        pattern = f"{subscription}/resourceGroups/{{resourceGroupName}}"
    elif kind in PATHS:
        pattern = f"{subscription}/resourceGroups/{{resourceGroupName}}/providers/{PATHS[kind]}"
    else:
        pattern = EXTENSIONS.get(kind, "")
    names = re.findall(r"{(\w+)}", pattern)
    if not pattern or not all(isinstance(inputs.get(name), str) and inputs[name] for name in names):
        return None
    return re.sub(r"{(\w+)}", lambda name: str(inputs[name[1]]).rstrip("/"), pattern)


def ancestors(resource_id: str) -> Iterator[str]:
    """The IDs, in lower case, of everything that a resource is in, up to its group; Azure's implicit ones left out."""
    parent = parent_id(resource_id.lower())
    while parent.count("/") >= 4:  # /subscriptions/ID/resourcegroups/NAME
        if not parent.endswith(IMPLICIT):
            yield parent
        parent = parent_id(parent)


def parent_id(resource_id: str) -> str:
    """The ID of the resource that it is in or extends, else of its group; of a group, its subscription."""
    scope, _, path = resource_id.rpartition("/providers/")
    parts = path.split("/")
    if not scope:
        return resource_id.rpartition("/")[0].rpartition("/")[0]
    return f"{scope}/providers/{'/'.join(parts[:-2])}" if len(parts) > 3 else scope


def describe_id(resource_id: str) -> str:
    """The type and the names of a resource, as Azure writes them: Microsoft.KeyVault/vaults/secrets kv/password."""
    path = resource_id.rpartition("/providers/")[2] if "/providers/" in resource_id else ""
    provider, *parts = path.split("/")
    if not path:
        return f"Microsoft.Resources/resourceGroups {resource_id.rpartition('/')[2]}"
    return f"{'/'.join([provider, *parts[::2]])} {'/'.join(parts[1::2])}"
