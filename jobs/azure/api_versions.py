"""The api-version that the jobs use with each resource provider: https://learn.microsoft.com/rest/api/azure/"""

AUTHORIZATION = "2022-04-01"
COGNITIVE_SERVICES = "2025-09-01"  # the first with replacementConfig, deprecationStatus and Legacy
COST_MANAGEMENT = "2025-03-01"
KEY_VAULT = "2024-11-01"
METRICS = "2024-02-01"
POLICY = "2023-04-01"
POSTGRESQL = "2025-08-01"
RESOURCES = "2021-04-01"
RETAIL_PRICES = "2023-01-01-preview"
SEARCH = "2025-05-01"
STORAGE = "2024-01-01"
SUBSCRIPTIONS = "2022-12-01"
