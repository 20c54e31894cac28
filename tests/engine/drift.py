"""What changed in Azure since the last operation, as a change of the inputs: so `pulumi refresh` shows it.

https://github.com/pulumi/pulumi-azure-native (provider/pkg/provider/provider.go, Read): it compares the recorded
outputs with Azure's answer, and applies the difference to the inputs.
"""

from collections.abc import Mapping
from typing import Any

MISSING = object()


def changed_inputs(inputs: Mapping[str, Any], recorded: Mapping[str, Any], live: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs with each value replaced that Azure now answers differently from what is recorded."""
    result: dict[str, Any] = {}
    for key, value in inputs.items():
        kept = with_change(value, recorded.get(key, MISSING), live.get(key, MISSING))
        if kept is not MISSING:
            result[key] = kept
    return result


def with_change(value: Any, recorded: Any, live: Any) -> Any:
    if recorded is MISSING and live is MISSING:
        return value  # Azure does not answer with it: a path input, or a write-only one
    if isinstance(value, dict) and isinstance(recorded, dict) and isinstance(live, dict):
        return changed_inputs(value, recorded, live)
    return value if recorded == live or recorded is MISSING else live
