"""The ARM resource type and API version of each resource that infra/ creates, by its Pulumi token.

The versions are those that azure-native 3.29 uses by default.
"""

VERSIONS = {
    "applicationinsights:Component": "Microsoft.Insights/components@2020-02-02",
    "authorization:RoleAssignment": "Microsoft.Authorization/roleAssignments@2022-04-01",
    "cognitiveservices:Account": "Microsoft.CognitiveServices/accounts@2025-06-01",
    "cognitiveservices:Deployment": "Microsoft.CognitiveServices/accounts/deployments@2025-06-01",
    "cognitiveservices:Project": "Microsoft.CognitiveServices/accounts/projects@2025-06-01",
    "cognitiveservices:ProjectConnection": "Microsoft.CognitiveServices/accounts/projects/connections@2025-06-01",
    "containerregistry:Registry": "Microsoft.ContainerRegistry/registries@2023-01-01-preview",
    "consumption:Budget": "Microsoft.Consumption/budgets@2024-08-01",
    "datafactory:Dataset": "Microsoft.DataFactory/factories/datasets@2018-06-01",
    "datafactory:Factory": "Microsoft.DataFactory/factories@2018-06-01",
    "datafactory:IntegrationRuntime": "Microsoft.DataFactory/factories/integrationRuntimes@2018-06-01",
    "datafactory:LinkedService": "Microsoft.DataFactory/factories/linkedservices@2018-06-01",
    "datafactory:ManagedPrivateEndpoint": (
        "Microsoft.DataFactory/factories/managedVirtualNetworks/managedPrivateEndpoints@2018-06-01"
    ),
    "datafactory:Pipeline": "Microsoft.DataFactory/factories/pipelines@2018-06-01",
    "datafactory:Trigger": "Microsoft.DataFactory/factories/triggers@2018-06-01",
    "dbforpostgresql:AdministratorsMicrosoftEntra": (
        "Microsoft.DBforPostgreSQL/flexibleServers/administrators@2025-08-01"
    ),
    "dbforpostgresql:Configuration": "Microsoft.DBforPostgreSQL/flexibleServers/configurations@2025-08-01",
    "dbforpostgresql:Database": "Microsoft.DBforPostgreSQL/flexibleServers/databases@2025-08-01",
    "dbforpostgresql:FirewallRule": "Microsoft.DBforPostgreSQL/flexibleServers/firewallRules@2025-08-01",
    "dbforpostgresql:Server": "Microsoft.DBforPostgreSQL/flexibleServers@2025-08-01",
    "keyvault:Secret": "Microsoft.KeyVault/vaults/secrets@2024-11-01",
    "keyvault:Vault": "Microsoft.KeyVault/vaults@2024-11-01",
    "machinelearningservices:Compute": "Microsoft.MachineLearningServices/workspaces/computes@2025-12-01",
    "machinelearningservices:Workspace": "Microsoft.MachineLearningServices/workspaces@2025-12-01",
    "managedidentity:UserAssignedIdentity": "Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31",
    "monitor:DiagnosticSetting": "Microsoft.Insights/diagnosticSettings@2021-05-01-preview",
    "network:PrivateDnsZoneGroup": "Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-05-01",
    "network:PrivateEndpoint": "Microsoft.Network/privateEndpoints@2024-05-01",
    "network:VirtualNetwork": "Microsoft.Network/virtualNetworks@2024-05-01",
    "operationalinsights:Workspace": "Microsoft.OperationalInsights/workspaces@2023-09-01",
    "privatedns:PrivateZone": "Microsoft.Network/privateDnsZones@2024-06-01",
    "privatedns:VirtualNetworkLink": "Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01",
    "resources:ResourceGroup": "Microsoft.Resources/resourceGroups@2024-03-01",
    "search:Service": "Microsoft.Search/searchServices@2025-05-01",
    "storage:BlobContainer": "Microsoft.Storage/storageAccounts/blobServices/containers@2024-01-01",
    "storage:BlobServiceProperties": "Microsoft.Storage/storageAccounts/blobServices@2024-01-01",
    "storage:StorageAccount": "Microsoft.Storage/storageAccounts@2024-01-01",
}

# What the jobs and azure-ai-ml put below a workspace. The SDK asks with other versions.
REQUESTED = [
    f"Microsoft.MachineLearningServices/workspaces/{each}@2025-12-01"
    for each in (
        *("data/versions", "codes/versions", "environments/versions", "models/versions", "jobs"),
        *("onlineEndpoints", "onlineEndpoints/deployments"),
    )
]


def short_token(token: str) -> str:
    """Return a Pulumi token without provider and module path: `storage:StorageAccount`."""
    _, module, kind = token.split(":")
    return f"{module.partition('/')[0]}:{kind}"
