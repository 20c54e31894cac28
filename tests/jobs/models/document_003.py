"""The two requests and the two answers of Microsoft's page "Working with models", which the second lacks two commas of.

https://learn.microsoft.com/azure/ai-services/openai/how-to/working-with-models
"""

import json
from typing import Any

SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
ACCOUNT, GROUP = "docs-openai-test-001", "resource-group-temp"
FIRST_BODY: dict[str, Any] = json.loads(
    '{"sku":{"name":"Standard","capacity":120},"properties": {"model": {"format": "OpenAI","name": "gpt-35-turbo",'
    '"version": "0613"},"versionUpgradeOption":"OnceCurrentVersionExpired"}}'
)
SECOND_BODY: dict[str, Any] = json.loads(
    '{"sku":{"name":"GlobalProvisionedManaged","capacity":100},"properties": {"model": {"format": "OpenAI","name": '
    '"gpt-4o-mini","version": "2024-07-18"}}}'
)
PEOPLE = {
    "createdBy": "docs@contoso.com",
    "createdByType": "User",
    "createdAt": "2023-02-28T02:57:15.8951706Z",
    "lastModifiedBy": "docs@contoso.com",
    "lastModifiedByType": "User",
    "lastModifiedAt": "2023-10-31T15:35:53.082912Z",
}
ID = (
    "/subscriptions/{subscription-id}/resourceGroups/resource-group-temp/providers/Microsoft.CognitiveServices/"
    "accounts/docs-openai-test-001/deployments/"
)
FIRST_ANSWER: dict[str, Any] = {
    "id": f"{ID}gpt-35-turbo",
    "type": "Microsoft.CognitiveServices/accounts/deployments",
    "name": "gpt-35-turbo",
    "sku": {"name": "Standard", "capacity": 120},
    "properties": {
        "model": {"format": "OpenAI", "name": "gpt-35-turbo", "version": "0613"},
        "versionUpgradeOption": "OnceCurrentVersionExpired",
        "capabilities": {"chatCompletion": "true"},
        "provisioningState": "Succeeded",
        "rateLimits": [
            {"key": "request", "renewalPeriod": 10, "count": 120},
            {"key": "token", "renewalPeriod": 60, "count": 120000},
        ],
    },
    "systemData": PEOPLE,
    "etag": '"GUID"',
}
SECOND_ANSWER: dict[str, Any] = {
    "id": f"{ID}gpt-4o-ptu-deployment",
    "type": "Microsoft.CognitiveServices/accounts/deployments",
    "name": "gpt-4o-ptu-deployment",
    "sku": {"name": "GlobalProvisionedManaged", "capacity": 100},
    "properties": {
        "model": {"format": "OpenAI", "name": "gpt-4o-mini", "version": "2024-07-18"},
        "versionUpgradeOption": "OnceCurrentVersionExpired",
        "currentCapacity": 100,
        "capabilities": {
            "area": "EUR",
            "chatCompletion": "true",
            "jsonObjectResponse": "true",
            "maxContextToken": "128000",
            "maxOutputToken": "16834",
            "assistants": "true",
        },
        "provisioningState": "Updating",
        "rateLimits": [{"key": "request", "renewalPeriod": 10, "count": 300}],
    },
    "systemData": PEOPLE,
    "etag": '"GUID"',
}
