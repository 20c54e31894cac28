"""Where the setting `models` of a stack and Azure differ, and the commands that end it. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from jobs.models.deployments import Deployment
from jobs.models.life import Policy

DEFAULT_POLICY = Policy.pinned  # infra/models.py gives an entry without one this


def find_entry(entries: Sequence[Mapping[str, Any]], name: str) -> Mapping[str, Any] | None:
    """The entry of a deployment. Azure compares names without case."""
    return next((each for each in entries if str(each.get("alias")).lower() == name.lower()), None)


def entry_values(entry: Mapping[str, Any]) -> dict[str, Any]:
    """An entry's values by the same keys as `Deployment.values`. YAML reads an unquoted version as a date."""
    return {
        "model": str(entry.get("model")),
        "version": str(entry.get("version")),
        "sku": str(entry.get("sku")),
        "capacity": entry.get("capacity"),
        "policy": str(entry.get("upgradePolicy") or DEFAULT_POLICY),
    }


def differences(entry: Mapping[str, Any], deployment: Deployment) -> dict[str, tuple[Any, Any]]:
    """What the setting says and what Azure has, by key. SKU names differ in case, a missing policy is the default's."""
    said, has = entry_values(entry), deployment.effective_values()
    return {key: (said[key], has[key]) for key in said if str(said[key]).lower() != str(has[key]).lower()}


def explain_drift(entry: Mapping[str, Any] | None, deployment: Deployment, options: str) -> str | None:
    """One sentence with the command that ends it either way; None where both agree, or there is no setting."""
    if entry is None:
        return None
    found = differences(entry, deployment)
    if not found:
        return None
    name = deployment.name
    texts = [f"{key}: the setting says {said}, Azure has {has}" for key, (said, has) in found.items()]
    return (
        f"{'; '.join(texts)}: `models adopt {name} --write {options}` keeps Azure's, "
        f"`models {way_back(deployment, entry_values(entry), found)} {options}` keeps the setting's"
    )


def way_back(deployment: Deployment, said: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    """The command that gives the deployment what the setting says. One change at a time: Azure refuses two."""
    name, target = deployment.name, f"{said['model']}@{said['version']}"
    if "sku" in found:
        return f"migrate start {name} {target} --sku {said['sku']}"
    if "model" in found and deployment.kind != "provisioned":
        return f"migrate start {name} {target}"
    if "model" in found or "version" in found:
        return f"upgrade {name} {target}"
    return f"scale {name} {said['capacity']}" if "capacity" in found else f"policy {name} {said['policy']}"
