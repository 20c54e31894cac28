"""Secrets in the inputs of resources: Pulumi wraps them."""

from typing import Any

from pulumi.runtime import rpc


def plain(value: Any) -> Any:
    """Return a value with its secrets unwrapped."""
    value = rpc.unwrap_rpc_secret(value) if rpc.is_rpc_secret(value) else value
    if isinstance(value, dict):
        return {key: plain(child) for key, child in value.items()}
    return [plain(child) for child in value] if isinstance(value, list) else value


def without_secrets(value: Any) -> Any:
    """Return a value with None in place of every secret."""
    if rpc.is_rpc_secret(value):
        return None
    if isinstance(value, dict):
        return {key: without_secrets(child) for key, child in value.items()}
    return [without_secrets(child) for child in value] if isinstance(value, list) else value
