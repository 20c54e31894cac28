"""Where an azure-native resource is in Resource Manager: its id, from the inputs that are parts of its path.

The names of these inputs are those of https://www.pulumi.com/registry/packages/azure-native/api-docs/
"""

from collections.abc import Mapping
from typing import Any

from tests.azure_fakes.azure import ROOT
from tests.azure_types.resources import VERSIONS

GROUP = "resources:ResourceGroup"
API_VERSIONS = {**VERSIONS, "resources:Deployment": "Microsoft.Resources/deployments@2024-03-01"}
# The names along the path. A name after `=` is fixed.
PATHS = {
    "applicationinsights:Component": "resourceName",
    "authorization:RoleAssignment": "roleAssignmentName",
    "cognitiveservices:Account": "accountName",
    "cognitiveservices:Deployment": "accountName/deploymentName",
    "cognitiveservices:Project": "accountName/projectName",
    "cognitiveservices:ProjectConnection": "accountName/projectName/connectionName",
    "containerregistry:Registry": "registryName",
    "consumption:Budget": "budgetName",
    "datafactory:Dataset": "factoryName/datasetName",
    "datafactory:Factory": "factoryName",
    "datafactory:IntegrationRuntime": "factoryName/integrationRuntimeName",
    "datafactory:LinkedService": "factoryName/linkedServiceName",
    "datafactory:ManagedPrivateEndpoint": "factoryName/managedVirtualNetworkName/managedPrivateEndpointName",
    "datafactory:Pipeline": "factoryName/pipelineName",
    "datafactory:Trigger": "factoryName/triggerName",
    "dbforpostgresql:AdministratorsMicrosoftEntra": "serverName/objectId",
    "dbforpostgresql:Configuration": "serverName/configurationName",
    "dbforpostgresql:Database": "serverName/databaseName",
    "dbforpostgresql:FirewallRule": "serverName/firewallRuleName",
    "dbforpostgresql:Server": "serverName",
    "keyvault:Secret": "vaultName/secretName",
    "keyvault:Vault": "vaultName",
    "machinelearningservices:Compute": "workspaceName/computeName",
    "machinelearningservices:Workspace": "workspaceName",
    "managedidentity:UserAssignedIdentity": "resourceName",
    "monitor:DiagnosticSetting": "name",
    "network:PrivateDnsZoneGroup": "privateEndpointName/privateDnsZoneGroupName",
    "network:PrivateEndpoint": "privateEndpointName",
    "network:VirtualNetwork": "virtualNetworkName",
    "operationalinsights:Workspace": "workspaceName",
    "privatedns:PrivateZone": "privateZoneName",
    "privatedns:VirtualNetworkLink": "privateZoneName/virtualNetworkLinkName",
    "resources:Deployment": "deploymentName",
    GROUP: "resourceGroupName",
    "search:Service": "searchServiceName",
    "storage:BlobContainer": "accountName/=default/containerName",
    "storage:BlobServiceProperties": "accountName/blobServicesName",
    "storage:StorageAccount": "accountName",
}
# The input with the id of what an extension resource is attached to.
SCOPES = {
    "authorization:RoleAssignment": "scope",
    "consumption:Budget": "scope",
    "monitor:DiagnosticSetting": "resourceUri",
}


def path_inputs(token: str) -> list[str]:
    """The inputs that are parts of a resource's path, its scope or group first."""
    names = [name for name in PATHS[token].split("/") if not name.startswith("=")]
    if token == GROUP:
        return names
    return [SCOPES.get(token, "resourceGroupName"), *names]


def name_input(token: str) -> str:
    """The input with the resource's own name."""
    return PATHS[token].rpartition("/")[2]


def api_version(token: str) -> str:
    return API_VERSIONS[token].partition("@")[2]


def resource_id(token: str, inputs: Mapping[str, Any]) -> str:
    """The id of a resource with these inputs."""
    names = [each[1:] if each.startswith("=") else str(inputs[each]) for each in PATHS[token].split("/")]
    group = f"{ROOT}/resourceGroups/{names[0] if token == GROUP else inputs.get('resourceGroupName')}"
    if token == GROUP:
        return group
    base = str(inputs[SCOPES[token]]).strip("/") if token in SCOPES else group.strip("/")
    provider, *segments = API_VERSIONS[token].partition("@")[0].split("/")
    path = "/".join(f"{segment}/{name}" for segment, name in zip(segments, names, strict=True))
    return f"/{base}/providers/{provider}/{path}"
