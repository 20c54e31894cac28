"""What an older api-version leaves out of a model: what the newer one added.

https://learn.microsoft.com/rest/api/aiservices/accountmanagement/models/list
"""

import copy
from typing import Any

FIRST = "2025-09-01"  # with replacementConfig, deprecationStatus, modelCatalogAssetId and the status Legacy


def as_version(model: dict[str, Any], api_version: str) -> dict[str, Any]:
    """An account's model as that version answers it."""
    if api_version >= FIRST:
        return model
    older = copy.deepcopy(model)
    for key in ("replacementConfig", "modelCatalogAssetId"):
        older.pop(key, None)
    (older.get("deprecation") or {}).pop("deprecationStatus", None)
    if older.get("lifecycleStatus") == "Legacy":
        older["lifecycleStatus"] = "GenerallyAvailable"
    return older
